/**
 * Two kinds of time that never meet. Visit dates are plain local dates ("2025-07-01"): they are counted and named here
 * by arithmetic alone and never pass through a time zone. Instants are UTC and are shown in the person's zone.
 */
export interface PlainDate {
  year: number;
  month: number;
  day: number;
}

export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;
export const WEEKDAY_NAMES = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"] as const;

const floorDiv = (a: number, b: number): number => Math.floor(a / b);

export function parseDate(text: string): PlainDate {
  const match = /^(\d{4})-(\d{2})-(\d{2})/.exec(text);
  if (match === null) throw new RangeError(`not a date: ${text}`);
  return { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
}

export const isDateText = (text: unknown): text is string =>
  typeof text === "string" &&
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(text) &&
  formatIso(fromDayNumber(dayNumber(parseDate(text)))) === text;

/** Days since 1970-01-01 in the Gregorian calendar (era arithmetic, valid for every year). */
export function dayNumber({ year, month, day }: PlainDate): number {
  const y = month <= 2 ? year - 1 : year;
  const era = floorDiv(y, 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = floorDiv(153 * (month + (month > 2 ? -3 : 9)) + 2, 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

export function fromDayNumber(days: number): PlainDate {
  const z = days + 719_468;
  const era = floorDiv(z, 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = floorDiv(
    dayOfEra - floorDiv(dayOfEra, 1460) + floorDiv(dayOfEra, 36_524) - floorDiv(dayOfEra, 146_096),
    365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100));
  const shifted = floorDiv(5 * dayOfYear + 2, 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - floorDiv(153 * shifted + 2, 5) + 1,
  };
}

const two = (n: number): string => String(n).padStart(2, "0");
export const formatIso = ({ year, month, day }: PlainDate): string =>
  `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;

/** ISO weekday: 1 = Monday … 7 = Sunday. */
export const weekday = (text: string): number => {
  const days = dayNumber(parseDate(text));
  return ((((days + 3) % 7) + 7) % 7) + 1;
};

export const addDays = (text: string, days: number): string =>
  formatIso(fromDayNumber(dayNumber(parseDate(text)) + days));

export const daysBetween = (from: string, to: string): number =>
  dayNumber(parseDate(to)) - dayNumber(parseDate(from));

const weekdayName = (text: string): string => WEEKDAYS[weekday(text) - 1] ?? "";
const monthName = (month: number): string => MONTHS[month - 1] ?? "";

/** `1 Jul`; with the year when it is not the reader's. */
export function shortDate(text: string, thisYear?: number): string {
  const { year, month, day } = parseDate(text);
  const base = `${day} ${monthName(month)}`;
  return thisYear !== undefined && year !== thisYear ? `${base} ${year}` : base;
}

/** `Tue 1 Jul` */
export const dayDate = (text: string, thisYear?: number): string =>
  `${weekdayName(text)} ${shortDate(text, thisYear)}`;

/** `Tue 1` */
export const dayOnly = (text: string): string => `${weekdayName(text)} ${parseDate(text).day}`;

/** `Mon 30 Jun – Fri 4 Jul` */
export const dateRange = (from: string, to: string): string => `${dayDate(from)} – ${dayDate(to)}`;

export const yearOf = (text: string): number => parseDate(text).year;

/** `now`, `12 min ago`, `3 h ago`, `2 days ago`: how old an instant is. */
export function ago(instant: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(instant)) / 1000);
  if (seconds < 45) return "just now";
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  return `${days} days ago`;
}

/** `EST`, `GMT+2`: the zone's short name at that instant. */
const zoneName = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "short" })
    .formatToParts(new Date(instant))
    .find((part) => part.type === "timeZoneName")?.value ?? timeZone;

/** An instant in the person's zone: `Tue 1 Jul, 14:05`, with the zone's name where this device is in another one. */
export function instantText(instant: string, timeZone: string, withSeconds = false): string {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    ...(withSeconds ? { second: "2-digit" } : {}),
    hourCycle: "h23",
  }).formatToParts(new Date(instant));
  const of = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  const clock = [of("hour"), of("minute"), ...(withSeconds ? [of("second")] : [])].join(":");
  const zone = own === timeZone ? "" : ` ${zoneName(instant, timeZone)}`;
  return `${of("weekday")} ${of("day")} ${of("month")}, ${clock}${zone}`;
}

const stampFormats = new Map<string, Intl.DateTimeFormat>();

/** When exactly, in the person's zone, for lists of many: `25 Nov 15:43:07.123`. */
export function stampText(instant: string, timeZone: string): string {
  let format = stampFormats.get(timeZone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone,
      day: "numeric",
      month: "short",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      fractionalSecondDigits: 3,
      hourCycle: "h23",
    });
    stampFormats.set(timeZone, format);
  }
  return format.format(new Date(instant)).replace(",", "");
}
