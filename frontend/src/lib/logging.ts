/**
 * Reports to the server what breaks in the browser: errors nobody caught, promises nobody waited for, failed requests, slow
 * pages. Nothing a person typed is in a report (see untyped.ts). What goes wrong while reporting is never reported.
 */
import type { LogEntry } from "@/api/types";
import { LogQueue, type Outcome } from "./logQueue";
import { ApiProblem } from "./problems";
import { frames, pathTemplate, untyped } from "./untyped";

type Level = LogEntry["level"];
type More = Partial<Omit<LogEntry, "at" | "level" | "event" | "message" | "session_id" | "number">>;

const ADDRESS = "/api/logs";
const EVERY_MS = 5_000;
const MINUTE_MS = 60_000;
const MOST_A_MINUTE = 60;

/** 16 hex digits. (`crypto.randomUUID` is missing where a page is served without TLS.) */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** This load of the page. */
const session = `ui-${newId()}`;
let token: () => string | null = () => null;
let queue: LogQueue | null = null;
let count = 0;
let busy = false;
let minute = { since: 0, said: 0, dropped: 0 };

/** Reports one event; does nothing until logging was started, and never throws. */
export function report(level: Level, event: string, message: string, more: More = {}): void {
  if (queue === null || busy) return;
  busy = true;
  try {
    const now = Date.now();
    if (now - minute.since >= MINUTE_MS) {
      const { dropped } = minute;
      minute = { since: now, said: 0, dropped: 0 };
      if (dropped > 0)
        push("warning", "ui.reports_dropped", "There was too much to report", { data: { dropped } });
    }
    if (minute.said >= MOST_A_MINUTE) {
      minute.dropped += 1;
      return;
    }
    minute.said += 1;
    push(level, event, message, more);
  } catch {
    // A report that cannot be made is not worth an error.
  } finally {
    busy = false;
  }
}

function push(level: Level, event: string, message: string, more: More): void {
  count += 1;
  queue?.add({
    at: new Date().toISOString(),
    level,
    event,
    message: message || event,
    session_id: session,
    number: count,
    ...more,
  });
}

/** Reports an error that reached nobody who could deal with it. */
export function reportError(event: string, error: unknown): void {
  if (error instanceof ApiProblem) {
    // Its words may repeat what was typed; its code does not.
    const { status, code } = error;
    const { reference } = error.problem;
    report("error", event, code, {
      error: { type: "ApiProblem", message: code },
      status,
      data: { reference },
    });
    return;
  }
  const known = error instanceof Error ? error : null;
  const message = untyped(known?.message ?? String(error)) || "no message";
  report("error", event, message, {
    error: { type: (known?.name || typeof error).slice(0, 100), message, stack: frames(known?.stack) },
  });
}

/** Drops what was not sent yet: the server would take it for a report of whoever signs in next. */
export const forgetReports = (): void => queue?.forget();

interface Call {
  method: string;
  url: string;
  requestId: string;
  startedAt: number;
  /** 0: no answer. */
  status: number;
}

/** Reports a request that failed. A 401 is no failure: the session is renewed, and the request sent again. */
export function reportCall({ method, url, requestId, startedAt, status }: Call): void {
  if (status === 401 || (status > 0 && status < 400)) return;
  const level: Level = status >= 500 ? "error" : status === 0 || status === 429 ? "warning" : "info";
  const event = status === 0 ? "api.unreachable" : "api.failed";
  const said = status === 0 ? "The server did not answer" : `The server answered with ${status}`;
  report(level, event, said, {
    method,
    route: pathTemplate(url),
    request_id: requestId,
    status: status === 0 ? null : status,
    duration_ms: Math.round(performance.now() - startedAt),
    data: { online: navigator.onLine },
  });
}

const body = (entries: LogEntry[]): string => JSON.stringify({ entries });

function headers(): Record<string, string> {
  const bearer = token();
  const known = { "Content-Type": "application/json", "X-Request-Id": newId() };
  return bearer === null ? known : { ...known, Authorization: `Bearer ${bearer}` };
}

async function post(entries: LogEntry[]): Promise<Outcome> {
  try {
    const answer = await fetch(ADDRESS, { method: "POST", headers: headers(), body: body(entries) });
    if (answer.ok) return "taken";
    // What it will never take is not sent for ever.
    if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return "refused";
    return { later: 1000 * (Number.parseInt(answer.headers.get("Retry-After") ?? "", 10) || 0) };
  } catch {
    return { later: 0 };
  }
}

/** Hands entries to the browser, which sends them after the page is gone. */
function handOver(entries: LogEntry[]): boolean {
  if (!navigator.onLine) return false;
  const waiting = queue;
  fetch(ADDRESS, { method: "POST", headers: headers(), body: body(entries), keepalive: true }).catch(() =>
    // The page may be there again: then they are sent with the others.
    waiting?.park(entries),
  );
  return true;
}

/** Starts to report; answers what ends it. `bearer` is asked for the access token of each report. */
export function startLogging(bearer: () => string | null): () => void {
  token = bearer;
  const own = new LogQueue(post);
  queue = own;
  const broke = (event: ErrorEvent): void => reportError("ui.error", event.error ?? event.message);
  const rejected = (event: PromiseRejectionEvent): void =>
    reportError("ui.unhandled_rejection", event.reason);
  const hidden = (): void => {
    if (document.visibilityState === "hidden") own.flush();
  };
  const left = (): void => own.leave(handOver);
  const online = (): void => {
    own.retryNow();
  };
  window.addEventListener("error", broke);
  window.addEventListener("unhandledrejection", rejected);
  window.addEventListener("pagehide", left);
  window.addEventListener("online", online);
  document.addEventListener("visibilitychange", hidden);
  const timer = setInterval(() => own.flush(), EVERY_MS);
  return () => {
    clearInterval(timer);
    window.removeEventListener("error", broke);
    window.removeEventListener("unhandledrejection", rejected);
    window.removeEventListener("pagehide", left);
    window.removeEventListener("online", online);
    document.removeEventListener("visibilitychange", hidden);
    minute = { since: 0, said: 0, dropped: 0 };
    if (queue === own) queue = null;
  };
}
