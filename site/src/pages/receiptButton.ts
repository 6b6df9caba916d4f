/** The receipts of exactly what is shown: one for each number, in one file. */
import { ServerError, type Release } from "../api.ts";
import { iso } from "../charts/points.ts";
import { h, save } from "../dom.ts";
import { number } from "../format.ts";
import { plural, t } from "../i18n/index.ts";
import { button } from "../parts.ts";
import { TlogError } from "../tlog/index.ts";
import type { Wish } from "./numbers.ts";

/** What was released for the chart; of several places at once, those that it adds up. */
async function shown(wish: Wish): Promise<Release[]> {
  const { releasesOf } = await import("../ledger/receipts.ts");
  const { sensor, cell } = wish.streams[0]!;
  const one = wish.streams.length === 1 ? { sensor: sensor.id, subject: cell.subject } : {};
  const { family, category } = cell;
  const [start, end] = [iso(Math.round(wish.from)), iso(Math.round(wish.until))];
  const found = await releasesOf({ ...one, family, category, resolution: wish.step, start, end });
  const ids = new Set(wish.streams.map((stream) => stream.sensor.id));
  return found.filter((release) => ids.has(release.sensor));
}

export function receiptButton(wish: Wish): HTMLElement {
  const says = h("span", { class: "take-say", role: "status" });
  const act = async () => {
    one.disabled = true;
    says.textContent = t("receipt.making");
    try {
      const { MOST, makeReceipts } = await import("../ledger/receipts.ts");
      const windows = ((wish.until - wish.from) / wish.step) * wish.streams.length;
      const found = windows > MOST * 1.05 ? null : await shown(wish);
      if (!found || found.length > MOST) return void (says.textContent = plural("receipt.many", MOST));
      const told = (done: number) => (says.textContent = `${t("receipt.making")} ${number(done)} / ${number(found.length)}`);
      const name = wish.streams.length === 1 ? wish.streams[0]!.sensor.id : "all";
      const day = iso(Math.round(wish.from)).slice(0, 10);
      save(`${name}-${day}.receipts.txt`, "text/plain", await makeReceipts(found, told));
      says.textContent = plural("receipt.made", found.length);
    } catch (error) {
      says.textContent = error instanceof TlogError ? t("receipt.broken", { why: error.message }) : t("failure.silent");
      if (!(error instanceof TlogError || error instanceof ServerError)) throw error;
    } finally {
      one.disabled = false;
    }
  };
  const one = button(t("take.receipt"), () => void act());
  return h("span", { class: "take-one" }, one, says);
}
