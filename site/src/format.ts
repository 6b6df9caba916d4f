/** Numbers, times and intervals as the reader's language writes them. */
import { CALENDARS, isKnown, NUMBERS_LIKE, type CalendarWords } from "./i18n/calendar.ts";
import { language } from "./i18n/index.ts";

export type Moment = Date | string | number;
type Width = "short" | "long";

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();
const TYPOGRAPHIC_MINUS = /^-/;

/** Words for dates where the browser has none, else undefined. */
const own = (): CalendarWords | undefined => (isKnown(language()) ? undefined : CALENDARS[language()]);
const numberLocale = (): string => (own() ? NUMBERS_LIKE : language());
const dateLocale = (): string => (language() === "en" ? "en-GB" : numberLocale());

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `n${numberLocale()}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Intl.NumberFormat(numberLocale(), options));
  return cache.get(key) as Intl.NumberFormat;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `d${dateLocale()}${JSON.stringify(options)}`;
  if (!cache.has(key)) cache.set(key, new Intl.DateTimeFormat(dateLocale(), options));
  return cache.get(key) as Intl.DateTimeFormat;
}

export const number = (value: number, digits = 0): string =>
  numbers({ maximumFractionDigits: digits }).format(value).replace(TYPOGRAPHIC_MINUS, "−");
export const percent = (share: number, digits = 1): string =>
  numbers({ style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(share)
    .replace(TYPOGRAPHIC_MINUS, "−");
export const plusMinus = (value: number, half: number, digits = 0): string =>
  `${number(value, digits)} ± ${number(half, digits)}`;
export const seconds = (count: number): string => numbers({ style: "unit", unit: "second" }).format(count);
export const bytes = (count: number): string =>
  numbers({ style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(count / 1e6);

function civil(value: Moment, zone?: string): { year: number; month: number; day: number; weekday: number } {
  const options = { year: "numeric", month: "numeric", day: "numeric", ...(zone ? { timeZone: zone } : {}) } as const;
  const parts = new Intl.DateTimeFormat("en-CA", options).formatToParts(new Date(value));
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const [year, month, day] = [of("year"), of("month"), of("day")];
  return { year, month: month - 1, day, weekday: (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7 };
}

function date(value: Moment, width: Width, zone?: string): string {
  const words = own();
  if (words) {
    const { year, month, day } = civil(value, zone);
    return words.date(year, (width === "long" ? words.months : words.shortMonths)[month]!, day);
  }
  return dates({ day: "numeric", month: width, year: "numeric", ...(zone ? { timeZone: zone } : {}) }).format(new Date(value));
}

export const day = (value: Moment, zone?: string): string => date(value, "long", zone);

export function weekday(value: Moment, zone?: string): string {
  const words = own();
  if (words) return `${date(value, "long", zone)}, ${words.weekdays[civil(value, zone).weekday]}`;
  const options = {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    ...(zone ? { timeZone: zone } : {}),
  } as const;
  return dates(options).format(new Date(value));
}

export const time = (value: Moment, zone?: string): string =>
  dates({ hour: "2-digit", minute: "2-digit", ...(zone ? { timeZone: zone } : {}) }).format(new Date(value));
export const timeToSecond = (value: Moment, zone: string): string =>
  dates({ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: zone }).format(new Date(value));
export const dayTime = (value: Moment, zone?: string): string => `${date(value, "short", zone)}, ${time(value, zone)}`;

/** A day of a month, without its year. */
export function dayOfMonth(value: Moment, zone: string): string {
  const words = own();
  const { month, day } = civil(value, zone);
  return words
    ? `${day} ${words.shortMonths[month]}`
    : dates({ day: "numeric", month: "short", timeZone: zone }).format(new Date(value));
}

export function monthOfYear(value: Moment, zone: string): string {
  const words = own();
  const { year, month } = civil(value, zone);
  return words
    ? `${words.shortMonths[month]} ${year}`
    : dates({ month: "short", year: "2-digit", timeZone: zone }).format(new Date(value));
}

export const monthName = (month: number): string =>
  own()?.shortMonths[month] ?? dates({ month: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, month, 1)));

/** 0 is Monday. */
export function weekdayName(index: number, width: Width = "short"): string {
  const words = own();
  if (words) return (width === "long" ? words.weekdays : words.shortWeekdays)[index]!;
  return dates({ weekday: width, timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + index)));
}

/** A span of days; `until` is not included. */
export function days(from: Moment, until: Moment, zone?: string): string {
  const last = new Date(new Date(until).getTime() - 1000);
  if (own()) return `${date(from, "short", zone)} – ${date(last, "short", zone)}`;
  const options = { day: "numeric", month: "short", year: "numeric", ...(zone ? { timeZone: zone } : {}) } as const;
  return dates(options).formatRange(new Date(from), last);
}

export function list(items: readonly string[]): string {
  const words = own();
  if (!words) return new Intl.ListFormat(language(), { type: "conjunction" }).format(items);
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} ${words.and} ${items.at(-1)}`;
}

export const short = (hash: string): string => hash.slice(0, 10);
