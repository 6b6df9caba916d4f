/** Light, dark, or as the system says. */
import { recall, remember } from "./remember.ts";

export type Theme = "system" | "light" | "dark";
export const THEMED = "passerby:themed";

export function theme(): Theme {
  const kept = recall("theme");
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function apply(): void {
  const kept = theme();
  if (kept === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = kept;
}

export function setTheme(chosen: Theme): void {
  remember("theme", chosen === "system" ? null : chosen);
  apply();
  window.dispatchEvent(new Event(THEMED));
}

/** A colour of the style sheet as it is now. */
export const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** Call `draw` whenever colours change; returns how to stop. */
export function onThemed(draw: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  window.addEventListener(THEMED, draw);
  system.addEventListener("change", draw);
  return () => {
    window.removeEventListener(THEMED, draw);
    system.removeEventListener("change", draw);
  };
}
