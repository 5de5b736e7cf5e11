/** What is looked for in the logs: as the page's address holds it, and as the server is asked. Free of React. */

import type { LogLine } from "@/api/types";

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

export const LOG_VIEWS = ["live", "errors"] as const;

/** The page's address. `minutes`: the last so many; otherwise `since` and `until` as instants. */
export interface LogSearch {
  view?: (typeof LOG_VIEWS)[number];
  level?: LogLevel[];
  category?: LogCategory[];
  component?: string;
  event?: string;
  text?: string;
  request?: string;
  minutes?: number;
  since?: string;
  until?: string;
}

const CODE = /^[a-z0-9_]+(\.[a-z0-9_]+)*$/;
const REQUEST = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const chosen = <Name extends string>(value: unknown, from: readonly Name[]): Name[] | undefined => {
  const asked = Array.isArray(value) ? value : [value];
  const found = from.filter((one) => asked.includes(one));
  return found.length > 0 ? found : undefined;
};

const words = (value: unknown, most: number, like?: RegExp): string | undefined => {
  const text =
    typeof value === "string" || typeof value === "number" ? String(value).trim().slice(0, most) : "";
  return text !== "" && (like === undefined || like.test(text)) ? text : undefined;
};

const instant = (value: unknown): string | undefined =>
  typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;

/** What an address asks for; what it says wrongly is left out. */
export function logSearch(search: Record<string, unknown>): LogSearch {
  const minutes =
    typeof search.minutes === "number" && search.minutes >= 1 ? Math.floor(search.minutes) : undefined;
  const found: LogSearch = {
    view: LOG_VIEWS.find((one) => one === search.view),
    level: chosen(search.level, LEVELS),
    category: chosen(search.category, CATEGORIES),
    component: words(search.component, 60, CODE),
    event: words(search.event, 100, CODE),
    text: words(search.text, 200),
    request: words(search.request, 64, REQUEST),
    minutes,
    since: minutes === undefined ? instant(search.since) : undefined,
    until: minutes === undefined ? instant(search.until) : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as LogSearch;
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
