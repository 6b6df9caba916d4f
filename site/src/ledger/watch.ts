/** A short look at the log on every visit; if it does not hold, every page says so, loudly. */
import { ServerError } from "../api.ts";
import { h, replace, save } from "../dom.ts";
import { day, dayTime, number } from "../format.ts";
import { t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import { button, page } from "../parts.ts";
import { TlogError, verifyLog } from "../tlog/index.ts";
import { fetchBytes, forget, patiently, rememberSeen, seen, trust } from "./log.ts";

/** Proof that something is wrong cannot be taken back by a later look: it stays until the visitor has seen it. */
export function alarm(error: TlogError): void {
  const last = seen();
  const slot = document.querySelector("#alarm");
  if (!slot) return;
  const why = word("broken", error.name);
  replace(
    slot,
    h(
      "div",
      { class: "alarm" },
      icon("outage"),
      h(
        "div",
        {},
        h("h2", {}, t("alarm.title")),
        h("p", { class: "alarm-why" }, why === error.name ? t("broken.other") : why),
        h("p", {}, t("alarm.mean"), last ? ` ${t("alarm.last", { when: dayTime(last.at), n: number(last.size) })}` : ""),
        h("p", { class: "alarm-code" }, `${error.name}: ${error.message}`),
        h(
          "p",
          { class: "alarm-ways" },
          button(t("alarm.keep"), () => void evidence(error), "button-alarm"),
          page("/check", t("alarm.check"), "button button-alarm"),
          last &&
            button(
              t("alarm.forget", { day: day(last.at) }),
              () => {
                forget();
                location.reload();
              },
              "button-alarm",
            ),
        ),
      ),
    ),
  );
}

async function evidence(error: TlogError): Promise<void> {
  const now = await fetchBytes("checkpoint").then(
    (bytes) => new TextDecoder().decode(bytes),
    () => "",
  );
  const last = seen();
  const before = last && { at: last.at, policy: last.policy, checkpoint: new TextDecoder().decode(last.note) };
  const found = { at: new Date().toISOString(), site: location.origin, error: `${error.name}: ${error.message}`, now, before };
  save("passerby-evidence.json", "application/json", JSON.stringify(found, null, 2));
}

/** Signature, witnesses, and growth since the last visit. */
export async function look(): Promise<void> {
  const trusted = await trust();
  const { checkpoint } = await verifyLog(fetchBytes, trusted.policy, undefined, { seen: trusted.seen?.note });
  rememberSeen(trusted, checkpoint.note, checkpoint.size);
}

/** Look, and tell; a server that does not answer is no forgery. */
export function watchLog(): Promise<void> {
  return patiently(look).catch((error: unknown) => {
    if (error instanceof TlogError) alarm(error);
    else if (!(error instanceof ServerError)) throw error;
  });
}
