/** Steps of a check, each with its state, as a list that is read out as it goes. */
import { h, replace, type Child } from "../dom.ts";
import { t } from "../i18n/index.ts";
import { icon } from "../icons.ts";

export type StepName = "trust" | "checkpoint" | "quorum" | "consistency" | "entries" | "mandates" | "numbers";
type State = "waiting" | "running" | "passed" | "failed" | "stopped";

export class Steps {
  readonly element: HTMLOListElement;
  readonly #items = new Map<StepName, { item: HTMLLIElement; sign: HTMLElement; detail: HTMLElement }>();
  #now: StepName | null = null;

  constructor(names: readonly StepName[]) {
    this.element = h("ol", { class: "steps" });
    for (const name of names) {
      const sign = h("span", { class: "step-sign" });
      const detail = h("div", { class: "step-detail" });
      const item = h(
        "li",
        {},
        sign,
        h("div", {}, h("h2", {}, t(`check.${name}`)), h("p", { class: "quiet" }, t(`check.${name}.what`)), detail),
      );
      this.#items.set(name, { item, sign, detail });
      this.element.append(item);
    }
    this.reset();
  }

  reset(): void {
    for (const name of this.#items.keys()) this.#set(name, "waiting");
    this.#now = null;
  }

  begin(name: string): void {
    if (!this.#items.has(name as StepName) || this.#now === name) return;
    this.#now = name as StepName;
    this.#set(this.#now, "running");
  }

  tell(name: StepName, text: string): void {
    replace(this.#items.get(name)!.detail, h("p", {}, text));
  }

  pass(name: StepName, said: string | readonly string[]): void {
    this.#set(
      name,
      "passed",
      [said].flat().map((text) => h("p", {}, text)),
    );
  }

  /** The step that ran does not hold. */
  fail(why: string): void {
    if (this.#now) this.#set(this.#now, "failed", h("p", {}, why));
  }

  /** Nobody answered: nothing is proven, and nothing is refuted. */
  stop(why: string): void {
    if (this.#now) this.#set(this.#now, "stopped", h("p", {}, why));
  }

  #set(name: StepName, state: State, detail?: Child): void {
    const { item, sign, detail: slot } = this.#items.get(name)!;
    item.className = `step step-${state}`;
    const label = t(`step.${state}`);
    replace(
      sign,
      state === "passed"
        ? icon("check", label)
        : state === "failed"
          ? icon("cross", label)
          : h("span", { class: "ring", role: "img", "aria-label": label }),
    );
    if (detail !== undefined || state === "waiting") replace(slot, detail ?? null);
  }
}
