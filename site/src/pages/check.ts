/** Check it yourself: every step of the verification, done by this browser, told in words. */
import { mandates, ServerError } from "../api.ts";
import { h, replace } from "../dom.ts";
import { bytes, dayTime, list, number, short } from "../format.ts";
import { plural, t, word } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import { fetchBytes, patiently, rememberSeen, trust, type Trusted } from "../ledger/log.ts";
import { approvedBy, Leaves } from "../ledger/leaves.ts";
import { draw, recompute } from "../ledger/numbers.ts";
import { alarm } from "../ledger/watch.ts";
import { button } from "../parts.ts";
import type { View } from "../router.ts";
import { errors, TlogError, toHex, verifyLog, type Step } from "../tlog/index.ts";
import { receiptCheck } from "./receiptCheck.ts";
import { Steps } from "./steps.ts";

const SAMPLE = 12;
const LINE_BYTES = 165;

/** The log holds a mandate that too few roles approved, or the site shows one that the log does not hold. */
class MandateError extends errors.VerificationError {}

function told(steps: Steps, step: Step, trusted: Trusted): void {
  if (step.state === "running") return steps.begin(step.name);
  if (step.name === "consistency" && step.state === "skipped")
    return steps.pass("consistency", trusted.beganAnew ? t("check.consistency.anew") : t("check.consistency.first"));
}

async function checkMandates(leaves: Leaves, steps: Steps): Promise<void> {
  steps.begin("mandates");
  if (!leaves.roles) throw new MandateError("the log names no roles");
  const said: string[] = [];
  for (const shown of await mandates()) {
    const logged = leaves.mandates.get(shown.hash);
    if (!logged) throw new MandateError(`mandate ${short(shown.hash)} is shown and not logged`);
    const roles = await approvedBy(logged, leaves.roles);
    if (shown.state === "in-force" && roles.length < leaves.roles.threshold)
      throw new MandateError(`mandate ${short(shown.hash)} is said to be in force, and ${roles.length} roles approved it`);
    said.push(
      t("check.mandates.one", {
        title: logged.title,
        who: list(roles) || t("check.mandates.nobody"),
        n: roles.length,
        of: leaves.roles.keys.length,
      }),
    );
  }
  steps.pass("mandates", said.length ? said : [t("mandates.none")]);
}

async function verify(steps: Steps, ready: (leaves: Leaves) => void): Promise<void> {
  steps.begin("trust");
  const trusted = await trust();
  const witnesses = trusted.policy.witnesses.map((one) => one.name);
  steps.pass("trust", t("check.trust.done", { origin: trusted.origin, witnesses: list(witnesses) || t("check.nobody") }));
  const leaves = new Leaves();
  const last = trusted.seen;
  const { checkpoint } = await verifyLog(fetchBytes, trusted.policy, (step) => told(steps, step, trusted), {
    seen: last?.note,
    onEntry: (entry, index) => {
      if (index === 0) steps.begin("entries");
      leaves.take(entry, index);
    },
  });
  steps.pass(
    "checkpoint",
    t("check.checkpoint.done", { n: number(Number(checkpoint.size)), root: short(toHex(checkpoint.root)) }),
  );
  steps.pass(
    "quorum",
    checkpoint.cosigned.map((one) => t("check.quorum.done", { who: one.witness, when: dayTime(one.time * 1000) })),
  );
  if (last)
    steps.pass(
      "consistency",
      t("check.consistency.done", { when: dayTime(last.at), before: number(last.size), now: number(Number(checkpoint.size)) }),
    );
  const types = [...leaves.types].map(([type, count]) => `${word("leaf", type)}: ${number(count)}`);
  steps.pass("entries", [plural("check.entries.done", Number(checkpoint.size)), types.join(" · ")]);
  rememberSeen(trusted, checkpoint.note, checkpoint.size);
  await checkMandates(leaves, steps);
  steps.begin("numbers");
  const drawn = draw(leaves.manifests, SAMPLE);
  const compared = await recompute(drawn, (done) => steps.tell("numbers", `${done} / ${drawn.length}`));
  steps.pass(
    "numbers",
    t("check.numbers.done", { n: number(compared), batches: drawn.length, of: number(leaves.manifests.length) }),
  );
  ready(leaves);
}

export function checkPage(): View {
  const steps = new Steps(["trust", "checkpoint", "quorum", "consistency", "entries", "mandates", "numbers"]);
  const verdict = h("div", { class: "verdict", role: "status" });
  const more = h("div", {});
  const start = button(t("check.start"), () => void run(), "button-main button-large");

  async function run(): Promise<void> {
    start.disabled = true;
    replace(verdict);
    replace(more);
    try {
      await patiently(() => {
        steps.reset();
        return verify(steps, everyNumber);
      });
      replace(
        verdict,
        h(
          "div",
          { class: "verdict-good" },
          icon("check"),
          h("div", {}, h("h2", {}, t("check.good")), h("p", {}, t("check.goodText"))),
        ),
      );
    } catch (error) {
      broken(error);
    }
    start.disabled = false;
    start.textContent = t("check.again");
  }

  function broken(error: unknown): void {
    if (error instanceof TlogError) {
      steps.fail(error.message);
      alarm(error);
      window.scrollTo(0, 0);
      return;
    }
    steps.stop(t("failure.silent"));
    replace(verdict, h("p", { class: "notice notice-bad" }, icon("outage"), t("failure.silentText")));
    if (!(error instanceof ServerError)) throw error;
  }

  /** All numbers, for those who want to wait. */
  function everyNumber(leaves: Leaves): void {
    const says = h("span", { role: "status" });
    const act = async () => {
      one.disabled = true;
      try {
        const compared = await recompute(
          leaves.manifests,
          (done) => (says.textContent = `${number(done)} / ${number(leaves.manifests.length)}`),
        );
        says.textContent = t("check.every.done", { n: number(compared) });
      } catch (error) {
        broken(error);
      }
    };
    const one = button(t("check.every", { size: bytes(leaves.released * LINE_BYTES) }), () => void act());
    replace(more, h("p", { class: "take" }, one, says));
  }

  const body = h(
    "section",
    { class: "page" },
    h("h1", {}, t("check.title")),
    h("p", { class: "lead" }, t("check.lead")),
    h("p", {}, start),
    verdict,
    steps.element,
    more,
    receiptCheck(),
    h("section", { class: "aside" }, h("h2", {}, t("check.how")), h("p", {}, t("check.howText")), h("p", {}, t("check.limit"))),
  );
  return { title: t("check.title"), body };
}
