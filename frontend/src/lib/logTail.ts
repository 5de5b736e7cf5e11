/** Follows the logs while they are written. What was written while the line was broken is not repeated: it is said. */
import type { LogLine } from "@/api/types";
import type { StreamState } from "./events";
import { ApiProblem, problemFrom } from "./problems";
import { backoff, pause, readText, SseParser } from "./sse";

export interface TailOptions {
  /** With the filters in it. */
  url: string;
  token: () => string | null;
  /** Called after a 401; false means that nobody is signed in any more, and the tail ends. */
  renew: () => Promise<boolean>;
  onLines: (lines: LogLine[]) => void;
  /** So many lines came too fast; null: the line was broken, and nobody knows how many. */
  onMissed: (count: number | null) => void;
  onState: (state: StreamState) => void;
  /** The server refuses: asking again would not help. */
  onRefused: (problem: ApiProblem) => void;
  signal: AbortSignal;
  fetch?: typeof fetch;
  sleep?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/** Seconds; the server says something every 5 s at least. */
const SILENCE = 20;

export async function followLogs(options: TailOptions): Promise<void> {
  const { signal, onState } = options;
  let tries = 0;
  let wasOpen = false;
  while (!signal.aborted) {
    onState("connecting");
    const outcome = await connect(options, () => {
      if (wasOpen) options.onMissed(null);
      wasOpen = true;
      tries = 0;
    });
    if (signal.aborted || outcome === "over") break;
    onState("waiting");
    await (options.sleep ?? pause)(backoff(tries), signal);
    tries += 1;
  }
  onState("closed");
}

async function connect(options: TailOptions, onOpen: () => void): Promise<"again" | "over"> {
  const { url, token, renew, signal } = options;
  const line = new AbortController();
  const abort = (): void => line.abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    const bearer = token();
    if (bearer !== null) headers.Authorization = `Bearer ${bearer}`;
    const response = await (options.fetch ?? fetch)(url, { headers, signal: line.signal });
    if (response.status === 401) return (await renew()) ? "again" : "over";
    if (response.status >= 400 && response.status < 500) {
      options.onRefused(problemFrom(response, await response.json().catch(() => null)));
      return "over";
    }
    if (!response.ok || response.body === null) return "again";
    onOpen();
    options.onState("open");
    const parser = new SseParser();
    await readText(response.body, line, SILENCE, (text) => hear(parser.feed(text), options));
  } catch (error) {
    // A broken line is the normal end of a stream: the loop above waits and opens it again.
    if (error instanceof ApiProblem) options.onRefused(error);
  } finally {
    signal.removeEventListener("abort", abort);
    line.abort();
  }
  return "again";
}

function hear(messages: { event: string; data: string }[], { onLines, onMissed }: TailOptions): void {
  const lines: LogLine[] = [];
  for (const { event, data } of messages) {
    if (event === "missed") onMissed((JSON.parse(data) as { count: number }).count);
    else lines.push(JSON.parse(data) as LogLine);
  }
  if (lines.length > 0) onLines(lines);
}
