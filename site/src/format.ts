/** Numbers, times and intervals as the reader's language writes them. */
import { language } from "./i18n/index.ts";

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${language()}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Intl.NumberFormat(language(), options));
  return cache.get(key) as Intl.NumberFormat;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${language()}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Intl.DateTimeFormat(locale(), options));
  return cache.get(key) as Intl.DateTimeFormat;
}

const locale = (): string => (language() === "en" ? "en-GB" : language());
const TYPOGRAPHIC_MINUS = /^-/;

export const number = (value: number, digits = 0): string =>
  numbers({ maximumFractionDigits: digits }).format(value).replace(TYPOGRAPHIC_MINUS, "−");
export const percent = (share: number, digits = 1): string =>
  numbers({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(share)
    .replace(TYPOGRAPHIC_MINUS, "−");
export const plusMinus = (value: number, half: number): string => `${number(value)} ± ${number(half)}`;
export const bytes = (count: number): string =>
  numbers({ style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(count / 1e6);

export type Moment = Date | string | number;
const moment = (value: Moment): Date => new Date(value);

export const day = (value: Moment, zone?: string): string =>
  dates({ day: "numeric", month: "long", year: "numeric", ...(zone ? { timeZone: zone } : {}) }).format(moment(value));
export const weekday = (value: Moment, zone?: string): string =>
  dates({ weekday: "long", day: "numeric", month: "long", year: "numeric", ...(zone ? { timeZone: zone } : {}) }).format(
    moment(value),
  );
export const time = (value: Moment, zone?: string): string =>
  dates({ hour: "2-digit", minute: "2-digit", ...(zone ? { timeZone: zone } : {}) }).format(moment(value));
export const dayTime = (value: Moment, zone?: string): string =>
  dates({
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    ...(zone ? { timeZone: zone } : {}),
  }).format(moment(value));
export const monthName = (month: number, width: "short" | "long" = "short"): string =>
  dates({ month: width, timeZone: "UTC" }).format(new Date(Date.UTC(2024, month, 1)));
/** 0 is Monday. */
export const weekdayName = (index: number, width: "short" | "long" = "short"): string =>
  dates({ weekday: width, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + index)));
/** A span of days; `until` is not included. */
export const days = (from: Moment, until: Moment, zone?: string): string =>
  dates({ day: "numeric", month: "short", year: "numeric", ...(zone ? { timeZone: zone } : {}) }).formatRange(
    moment(from),
    new Date(moment(until).getTime() - 1000),
  );
export const list = (items: readonly string[]): string => new Intl.ListFormat(language(), { type: "conjunction" }).format(items);
export const short = (hash: string): string => hash.slice(0, 10);
