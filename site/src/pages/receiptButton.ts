/** The receipt of exactly what is shown. */
import { ServerError } from "../api.ts";
import { iso } from "../charts/points.ts";
import { h, save } from "../dom.ts";
import { plural, t } from "../i18n/index.ts";
import { button } from "../parts.ts";
import { TlogError } from "../tlog/index.ts";
import type { Wish } from "./numbers.ts";

export function receiptButton(wish: Wish): HTMLElement {
  const says = h("span", { class: "take-say", role: "status" });
  const act = async () => {
    const { MOST, makeReceipts, releasesOf } = await import("../ledger/receipts.ts");
    const { sensor, cell } = wish.streams[0]!;
    const { family, subject, category } = cell;
    const windows = ((wish.until - wish.from) / wish.step) * wish.streams.length;
    if (windows > MOST * 1.05 || wish.streams.length > 1) return void (says.textContent = plural("receipt.many", MOST));
    one.disabled = true;
    says.textContent = t("receipt.making");
    try {
      const [start, end] = [iso(Math.round(wish.from)), iso(Math.round(wish.until))];
      const found = await releasesOf({ sensor: sensor.id, family, subject, category, resolution: wish.step, start, end });
      save(`${sensor.id}-${start.slice(0, 10)}.receipts.txt`, "text/plain", await makeReceipts(found));
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
