import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CALENDARS } from "../src/i18n/calendar.ts";
import { en } from "../src/i18n/en.ts";
import { fill, LANGUAGES, pick, type Messages, type Plural } from "../src/i18n/index.ts";

const FOLDER = new URL("../src/i18n/", import.meta.url);
const FILES = readdirSync(FOLDER).filter((name) => /^[a-z]{2}\.ts$/.test(name));
const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
const read = async (name: string) => {
  const file = (await import(new URL(name, FOLDER).href)) as Record<string, Messages>;
  return file[name.slice(0, 2)]!;
};

it("offers each language that has a file, and no other", () => {
  expect(FILES.map((name) => name.slice(0, 2)).sort()).toEqual(Object.keys(LANGUAGES).sort());
});

describe.each(FILES)("%s", (name) => {
  const locale = name.slice(0, 2);

  it("has every message, and each of them names the same values", async () => {
    const messages = await read(name);
    expect(Object.keys(messages).sort()).toEqual(Object.keys(en).sort());
    for (const [key, message] of Object.entries(messages)) {
      const english = (en as Record<string, string | Plural>)[key]!;
      const forms = typeof message === "string" ? [message] : Object.values(message);
      const expected = places(typeof english === "string" ? english : english.other);
      for (const form of forms) {
        expect(form.trim(), key).not.toBe("");
        expect(places(form), key).toEqual(expected);
      }
    }
  });

  it("has a form for every plural of the language, and is no copy of English", async () => {
    const messages = await read(name);
    const wanted = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.slice().sort();
    let same = 0;
    for (const [key, message] of Object.entries(messages)) {
      if (typeof message !== "string") expect(Object.keys(message).sort(), key).toEqual(wanted);
      else if (message === (en as Record<string, unknown>)[key] && /[a-z]{3}/i.test(message.replace(/\{\w+\}/g, ""))) same++;
    }
    if (locale !== "en") expect(same).toBeLessThan(4);
  });
});

it("picks the form by the rules of the language", () => {
  const days = { one: "{n} день", few: "{n} дня", many: "{n} дней", other: "{n} дня" };
  const said = [1, 3, 5, 11, 21, 1.5].map((n) => fill(pick(days, n, "ru"), { n }));
  expect(said).toEqual(["1 день", "3 дня", "5 дней", "11 дней", "21 день", "1.5 дня"]);
  expect(fill("{a} and {b}", { a: 1 })).toBe("1 and {b}");
  expect(fill("Больше всего: {day}.", { day: "25 апреля 2020 г." })).toBe("Больше всего: 25 апреля 2020 г.");
  expect(fill("One moment {dots}", { dots: "..." })).toBe("One moment ...");
});

it("writes dates of Kazakh and Kyrgyz where the browser cannot", () => {
  for (const [language, words] of Object.entries(CALENDARS)) {
    expect([words.months.length, words.shortMonths.length, words.weekdays.length, words.shortWeekdays.length]).toEqual([
      12, 12, 7, 7,
    ]);
    const months = words.months.map((_, n) =>
      new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(Date.UTC(2024, n, 1)),
    );
    const days = words.weekdays.map((_, n) =>
      new Intl.DateTimeFormat(language, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2024, 0, n + 1)),
    );
    expect(words.months).toEqual(months.map((one) => one.toLowerCase()));
    expect(words.weekdays).toEqual(days.map((one) => one.toLowerCase()));
  }
  expect(CALENDARS["kk"]!.date(2026, "қараша", 24)).toBe("2026 ж. 24 қараша");
});
