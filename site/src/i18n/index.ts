/** Words of the site: one file for each language, and a visitor loads one of them. */
import { isKnown, NUMBERS_LIKE } from "./calendar.ts";
import { recall, remember } from "../remember.ts";
import type { en } from "./en.ts";

export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;
export type Messages = { readonly [K in keyof typeof en]: (typeof en)[K] extends string ? string : Plural };
export type Key = keyof typeof en;
export type TextKey = { [K in Key]: (typeof en)[K] extends string ? K : never }[Key];
export type PluralKey = Exclude<Key, TextKey>;
export type Values = Readonly<Record<string, string | number>>;

export const LANGUAGES = {
  en: "English",
  et: "Eesti",
  kk: "Қазақша",
  ky: "Кыргызча",
  ru: "Русский",
  uk: "Українська",
} as const;
export type Language = keyof typeof LANGUAGES;

const FILES: Record<Language, () => Promise<Messages>> = {
  en: async () => (await import("./en.ts")).en,
  et: async () => (await import("./et.ts")).et,
  kk: async () => (await import("./kk.ts")).kk,
  ky: async () => (await import("./ky.ts")).ky,
  ru: async () => (await import("./ru.ts")).ru,
  uk: async () => (await import("./uk.ts")).uk,
};

let messages = {} as Messages;
let current: Language = "en";

const isLanguage = (text: string): text is Language => text in LANGUAGES;

export function preferred(): Language {
  const wanted = [recall("language") ?? "", ...navigator.languages].map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? "en";
}

export async function speak(language: Language): Promise<void> {
  messages = await FILES[language]();
  current = language;
  document.documentElement.lang = language;
}

export function choose(language: Language): Promise<void> {
  remember("language", language);
  return speak(language);
}

/** Numbers as Kazakh and Kyrgyz write them, also where the browser does not know these languages. */
const formatNumber = (count: number): string => new Intl.NumberFormat(isKnown(current) ? current : NUMBERS_LIKE).format(count);

export const language = (): Language => current;

const ABBREVIATED_END = /(?<!\.)\.\.$/;

/** A value that ends with the point of an abbreviation ends the sentence too. */
export function fill(text: string, values: Values): string {
  const filled = text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? `{${name}}`));
  return filled.replace(ABBREVIATED_END, ".");
}

export function pick(message: Plural, count: number, locale: string): string {
  return message[new Intl.PluralRules(locale).select(count)] ?? message.other;
}

/** A message with its values. */
export const t = (key: TextKey, values: Values = {}): string => fill(messages[key], values);

/** A message whose form follows `count`; `{n}` is the count as this locale writes it. */
export function plural(key: PluralKey, count: number, values: Values = {}): string {
  return fill(pick(messages[key], count, current), { n: formatNumber(count), ...values });
}

/** A message for a word of the API such as `outage.no-light`; the word itself where a newer server says something new. */
export function word(prefix: string, name: string): string {
  const message = (messages as Readonly<Record<string, string | Plural>>)[`${prefix}.${name}`];
  return typeof message === "string" ? message : name;
}
