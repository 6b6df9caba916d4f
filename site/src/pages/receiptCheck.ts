/** Somebody kept a receipt: does it still hold? */
import { ServerError } from "../api.ts";
import { h, replace } from "../dom.ts";
import { plural, t } from "../i18n/index.ts";
import { icon } from "../icons.ts";
import { fetchBytes, trust } from "../ledger/log.ts";
import { checkReceipts } from "../ledger/receipts.ts";
import { TlogError, verifyLog } from "../tlog/index.ts";

const SHOWN = 5;

export function receiptCheck(): HTMLElement {
  const says = h("div", { role: "status" });
  const take = async (file: File | undefined) => {
    if (!file) return;
    replace(says, h("p", { class: "quiet" }, t("loading")));
    try {
      const { policy } = await trust();
      const proven = await checkReceipts(await file.text(), policy);
      const newest = proven.reduce((a, b) => (b.size > a.size ? b : a));
      await verifyLog(fetchBytes, policy, undefined, { seen: newest.checkpoint });
      const lines = proven
        .slice(0, SHOWN)
        .map((one) => h("li", {}, h("code", {}, one.line ?? JSON.stringify(one.leaf).slice(0, 200))));
      replace(
        says,
        h("p", { class: "good" }, icon("check"), plural("receipt.holds", proven.length)),
        h("ul", { class: "lines" }, lines),
      );
    } catch (error) {
      const silent = error instanceof ServerError;
      const why = error instanceof TlogError || error instanceof SyntaxError ? error.message : t("failure.silent");
      replace(says, h("p", { class: "bad" }, icon("cross"), silent ? t("failure.silent") : t("receipt.fails", { why })));
      if (!silent && !(error instanceof TlogError) && !(error instanceof SyntaxError)) throw error;
    }
  };
  const field = h("input", {
    type: "file",
    id: "receipt",
    accept: ".txt,text/plain",
    onchange: () => void take(field.files?.[0]),
  });
  return h(
    "section",
    { class: "aside" },
    h("h2", {}, t("receipt.title")),
    h("p", {}, t("receipt.text")),
    h("label", { for: "receipt", class: "button" }, t("receipt.choose")),
    field,
    says,
  );
}
