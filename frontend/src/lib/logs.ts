/** What is looked for in the logs: as the page's address holds it, and as the server is asked. Free of React. */

import type { LogLine } from "@/api/types";
import { oneOf, searchOf } from "./search";

export const LEVELS = ["debug", "info", "warning", "error", "critical"] as const;
export type LogLevel = (typeof LEVELS)[number];

export const CATEGORIES = [
  "backend",
  "frontend",
  "automation",
  "errors",
  "performance",
  "security",
  "audit",
] as const;
export type LogCategory = (typeof CATEGORIES)[number];

const CODE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const REQUEST = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const someOf =
  <Name extends string>(known: readonly Name[]) =>
  (value: unknown): Name[] | undefined => {
    const asked = Array.isArray(value) ? value : [value];
    const found = known.filter((one) => asked.includes(one));
    return found.length > 0 ? found : undefined;
  };

const words =
  (most: number, like?: RegExp) =>
  (value: unknown): string | undefined => {
    const text =
      typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, most) : "";
    return text !== "" && (like === undefined || like.test(text)) ? text : undefined;
  };

const instant = (value: unknown): string | undefined =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;

/** What can be typed to look for: each answers undefined when nothing can be looked for with it. */
export const WORDS = {
  component: words(60, CODE),
  event: words(100, CODE),
  text: words(200),
  request: words(64, REQUEST),
};

const addressOf = searchOf({
  view: oneOf("live", "errors"),
  level: someOf(LEVELS),
  category: someOf(CATEGORIES),
  ...WORDS,
  minutes: (value) => (typeof value === "number" && value >= 1 ? Math.floor(value) : undefined),
  since: instant,
  until: instant,
});

/** The page's address. `minutes`: the last so many; otherwise `since` and `until` as instants. */
export type LogSearch = ReturnType<typeof addressOf>;

/** What an address asks for. */
export function logSearch(search: Record<string, unknown>): LogSearch {
  const found = addressOf(search);
  return found.minutes === undefined ? found : { ...found, since: undefined, until: undefined };
}

/** Minutes that are looked at when nothing is said. */
export const USUAL_MINUTES = 60;

export interface LogQuery {
  level?: LogLevel[];
  category?: LogCategory[];
  component?: string;
  event?: string;
  text?: string;
  request_id?: string;
  minutes?: number;
  since?: string;
  until?: string;
}

/** The filters but the time, as the server takes them. */
export function filtersOf({ level, category, component, event, text, request }: LogSearch): LogQuery {
  return {
    ...(level === undefined ? {} : { level }),
    ...(category === undefined ? {} : { category }),
    ...(component === undefined ? {} : { component }),
    ...(event === undefined ? {} : { event }),
    ...(text === undefined ? {} : { text }),
    ...(request === undefined ? {} : { request_id: request }),
  };
}

/** The span of time, as the server takes it. */
export function spanOf({ minutes, since, until }: LogSearch): Pick<LogQuery, "minutes" | "since" | "until"> {
  if (minutes !== undefined) return { minutes };
  if (since === undefined && until === undefined) return { minutes: USUAL_MINUTES };
  return { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
}

const HALF_A_DAY_MS = 12 * 3_600_000;

/** All of one request: the span around a line of it, wherever in time one has found that. */
export function requestOf(request: string, at: string): LogSearch {
  const found = Date.parse(at);
  return {
    request,
    since: new Date(found - HALF_A_DAY_MS).toISOString(),
    until: new Date(found + HALF_A_DAY_MS).toISOString(),
  };
}

/** The address of the live tail with its filters. */
export function tailUrl(search: LogSearch): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filtersOf(search))) {
    for (const one of Array.isArray(value) ? value : [String(value)]) query.append(name, one);
  }
  const text = query.toString();
  return `/api/operations/logs/stream${text === "" ? "" : `?${text}`}`;
}

export const isFiltered = (search: LogSearch): boolean => Object.keys(filtersOf(search)).length > 0;

/** The words that the server makes of an event when nobody wrote others: `http.request` → `Http request`. */
const made = (event: string): string => {
  const text = event.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

/** A message that says more than its event; empty otherwise. */
export const ownMessage = (message: string, event: string): string =>
  message === event || message === made(event) ? "" : message;

type Told = Pick<LogLine, "event" | "message" | "method" | "route" | "status" | "duration_ms">;

/** What a line says beside its event: its own words, and the request it is about. */
export function lineWords(line: Told): string {
  const request =
    line.route === null
      ? ""
      : [
          line.method,
          line.route,
          line.status,
          line.duration_ms === null ? null : `${Math.round(line.duration_ms)} ms`,
        ]
          .filter((part) => part !== null)
          .join(" ");
  return [ownMessage(line.message, line.event), request].filter((part) => part !== "").join(" · ");
}

/** What a tail keeps to be looked at; older lines are found by searching. */
export const KEPT_LINES = 500;

/** The newest first, as the search shows them; no more than what is kept. */
export const withNewLines = <Line>(kept: Line[], fresh: Line[]): Line[] =>
  [...fresh.toReversed(), ...kept].slice(0, KEPT_LINES);
