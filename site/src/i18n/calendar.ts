/** Kazakh and Kyrgyz calendars for browsers that carry no data for these languages (Chromium has next to none). */
export interface CalendarWords {
  readonly months: readonly string[];
  readonly shortMonths: readonly string[];
  /** Monday first. */
  readonly weekdays: readonly string[];
  readonly shortWeekdays: readonly string[];
  readonly and: string;
  readonly date: (year: number, month: string, day: number) => string;
}

const words = (text: string): string[] => text.split(" ");

export const CALENDARS: Readonly<Record<string, CalendarWords>> = {
  kk: {
    months: words("қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан"),
    shortMonths: words("қаң. ақп. нау. сәу. мам. мау. шіл. там. қыр. қаз. қар. жел."),
    weekdays: words("дүйсенбі сейсенбі сәрсенбі бейсенбі жұма сенбі жексенбі"),
    shortWeekdays: words("дс сс ср бс жм сб жс"),
    and: "және",
    date: (year, month, day) => `${year} ж. ${day} ${month}`,
  },
  ky: {
    months: words("январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь"),
    shortMonths: words("янв. фев. мар. апр. май июн. июл. авг. сен. окт. ноя. дек."),
    weekdays: words("дүйшөмбү шейшемби шаршемби бейшемби жума ишемби жекшемби"),
    shortWeekdays: words("дш шш шр бш жм иш жк"),
    and: "жана",
    date: (year, month, day) => `${year}-ж., ${day}-${month}`,
  },
};

/** Grouping and decimals of these languages are those of Russian, which every browser knows. */
export const NUMBERS_LIKE = "ru";

const known = new Map<string, boolean>();

/** Whether the browser itself can write dates of a language. */
export function isKnown(language: string): boolean {
  const kept = known.get(language);
  if (kept !== undefined) return kept;
  const january = new Intl.DateTimeFormat(language, { month: "long", timeZone: "UTC" }).format(0);
  const found = language === "en" || !/^(M0?1|January)$/.test(january);
  known.set(language, found);
  return found;
}
