/** What a chart of time shows, made of points. A step without a value is a gap, never a zero. Free of React. */
import type { ChartLine } from "@/api/types";
import { WEEKDAYS } from "./time";
import { instantOf, wallTime, zoneOffset } from "./zoned";

/** One step: when it begins, and the value of each line by its place (`v0`, `v1` …). */
export interface ChartRow {
  at: number;
  [line: string]: number | null;
}

export const lineKey = (index: number): string => `v${index}`;

const LOOKS = [
  { color: "var(--fw-accent)" },
  { color: "var(--fw-violet)", strokeDasharray: "7 3" },
  { color: "var(--fw-orange)", strokeDasharray: "2 3" },
  { color: "var(--fw-blue)", strokeDasharray: "10 3 2 3" },
  { color: "var(--fw-soft)", strokeDasharray: "1 4" },
];

/** Lines are told apart by their dashes, too: the colour never says it alone. */
export const lineLook = (index: number): { color: string; strokeDasharray?: string } =>
  LOOKS[index % LOOKS.length] ?? { color: "currentColor" };

/** The lines side by side, by their steps. Lines may know of different steps; what one lacks is a gap in it. */
export function rowsOf(lines: Pick<ChartLine, "points">[]): ChartRow[] {
  const rows = new Map<number, ChartRow>();
  lines.forEach((line, index) => {
    for (const { at, value } of line.points) {
      const when = Date.parse(at);
      const row = rows.get(when) ?? { at: when };
      row[lineKey(index)] = value;
      rows.set(when, row);
    }
  });
  for (const row of rows.values()) {
    lines.forEach((_, index) => {
      row[lineKey(index)] ??= null;
    });
  }
  return [...rows.values()].sort((a, b) => a.at - b.at);
}

const isEmpty = (row: ChartRow): boolean =>
  Object.entries(row).every(([key, value]) => key === "at" || value === null);

export interface Gap {
  from: number;
  to: number;
}

/** Spans in which no line has a value; `step` in milliseconds. */
export function gapsOf(rows: ChartRow[], step: number): Gap[] {
  const gaps: Gap[] = [];
  for (const row of rows) {
    if (!isEmpty(row)) continue;
    const last = gaps.at(-1);
    if (last !== undefined && last.to >= row.at) last.to = row.at + step;
    else gaps.push({ from: row.at, to: row.at + step });
  }
  return gaps;
}

/** True when a value has no neighbour: a line alone would not show it. */
export const isAlone = (rows: ChartRow[], index: number, key: string): boolean =>
  (rows[index]?.[key] ?? null) !== null &&
  (rows[index - 1]?.[key] ?? null) === null &&
  (rows[index + 1]?.[key] ?? null) === null;

/** Even ticks from `least` (at most 0) to `most`, by 1, 2 or 5 of a power of ten; about `wanted` of them. */
export function valueTicks(least: number, most: number, wanted = 4): number[] {
  const span = Math.max(most - Math.min(least, 0), Number.EPSILON);
  const rough = span / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough * 0.999) ?? 10 * power;
  const first = Math.floor(Math.min(least, 0) / step + 1e-9);
  const last = Math.max(Math.ceil(most / step - 1e-9), first + 1);
  return Array.from({ length: last - first + 1 }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 7].map((n) => n * DAY),
];

/** Round times of the zone's clock between two instants, about `most` of them. A day is as long as that clock makes it. */
export function timeTicks(from: number, to: number, zone: string, most = 6): number[] {
  const step = TIME_STEPS.find((one) => (to - from) / one <= most) ?? 7 * DAY;
  const offset = zoneOffset(from, zone);
  const instant = (wall: number): number =>
    step < DAY ? wall - offset : Date.parse(instantOf(new Date(wall).toISOString(), zone) ?? "");
  const ticks: number[] = [];
  for (let wall = Math.ceil((from + offset) / step) * step; instant(wall) <= to; wall += step)
    ticks.push(instant(wall));
  return ticks;
}

/** `14:05` within two days, `Tue 1` beyond. */
export function timeTick(at: number, span: number, zone: string): string {
  const wall = wallTime(at, zone);
  if (span <= 2 * DAY) return wall.slice(11);
  const weekday = (new Date(`${wall.slice(0, 10)}T00:00Z`).getUTCDay() + 6) % 7;
  return `${WEEKDAYS[weekday]} ${Number(wall.slice(8, 10))}`;
}

export interface LineSummary {
  last: number | null;
  highest: number | null;
  missing: number;
  steps: number;
}

/** What one would read off a line: its last value, its highest, how many of its steps are gaps. */
export function summaryOf(rows: ChartRow[], key: string): LineSummary {
  const summary: LineSummary = { last: null, highest: null, missing: 0, steps: rows.length };
  for (const row of rows) {
    const value = row[key] ?? null;
    if (value === null) summary.missing += 1;
    else if (summary.highest === null || value > summary.highest) summary.highest = value;
  }
  summary.last = rows.at(-1)?.[key] ?? rows.at(-2)?.[key] ?? null;
  return summary;
}

export interface TableRow {
  from: number;
  /** Of each line: mean and highest of the span; null without any value in it. */
  lines: ({ mean: number; highest: number } | null)[];
}

/** The chart as a table of at most `most` rows. */
export function tableOf(rows: ChartRow[], lines: number, most = 12): TableRow[] {
  const size = Math.max(1, Math.ceil(rows.length / most));
  const table: TableRow[] = [];
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.slice(start, start + size);
    table.push({
      from: part[0]?.at ?? 0,
      lines: Array.from({ length: lines }, (_, index) => {
        const values = part.map((row) => row[lineKey(index)] ?? null).filter((value) => value !== null);
        if (values.length === 0) return null;
        return {
          mean: values.reduce((sum, value) => sum + value, 0) / values.length,
          highest: Math.max(...values),
        };
      }),
    });
  }
  return table;
}
