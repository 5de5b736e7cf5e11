/**
 * Server-sent events, read with fetch (EventSource cannot send an Authorization header): what a stream is made of, and how it
 * is followed, for every stream of the server.
 */
import { newId } from "./logging";
import { type ApiProblem, problemFrom } from "./problems";

export interface SseMessage {
  /** `message` unless the server named another one. */
  event: string;
  data: string;
  id: string | null;
}

/** Splits a stream of text into messages. `onComment` hears lines that begin with a colon. */
export class SseParser {
  private rest = "";
  private data: string[] = [];
  private event = "message";
  private id: string | null = null;
  private readonly onComment: ((text: string) => void) | undefined;

  constructor(onComment?: (text: string) => void) {
    this.onComment = onComment;
  }

  feed(text: string): SseMessage[] {
    const found: SseMessage[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.data.length > 0) found.push({ event: this.event, data: this.data.join("\n"), id: this.id });
        this.data = [];
        this.event = "message";
        this.id = null;
      } else if (line.startsWith("data:")) {
        this.data.push(line.slice(5).replace(/^ /, ""));
      } else if (line.startsWith("id:")) {
        this.id = line.slice(3).trim();
      } else if (line.startsWith("event:")) {
        this.event = line.slice(6).trim();
      } else if (line.startsWith(":")) {
        this.onComment?.(line.slice(1).trim());
      }
    }
    return found;
  }
}

const FIRST_WAIT = 1;
const LONGEST_WAIT = 30;

/** Seconds to wait before try `n` (0, 1, 2 …): doubling, at most 30. */
export const backoff = (tries: number): number => Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);

export const pause = (seconds: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, seconds * 1000);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });

/** Hands the text of a body on as it comes, until its end, until `line` is aborted, or until it was silent for too long. */
export async function readText(
  body: ReadableStream<Uint8Array>,
  line: AbortController,
  silenceSeconds: number,
  onText: (text: string) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => line.abort(), silenceSeconds * 1000);
  };
  const cancel = (): void => {
    reader.cancel().catch(() => undefined);
  };
  line.signal.addEventListener("abort", cancel, { once: true });
  try {
    if (line.signal.aborted) return;
    watch();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || line.signal.aborted) return;
      watch();
      onText(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
    cancel();
  }
}

export type StreamState = "connecting" | "open" | "waiting" | "closed";

export interface Follower {
  token: () => string | null;
  /** Called after a 401; false means that nobody is signed in any more, and the stream ends. */
  renew: () => Promise<boolean>;
  onState?: ((state: StreamState) => void) | undefined;
  fetch?: typeof fetch | undefined;
  sleep?: ((seconds: number, signal: AbortSignal) => Promise<void>) | undefined;
}

interface Stream extends Follower {
  /** Asked before each try. */
  address: () => string;
  /** Answers what hears the text of this connection. */
  onOpen: () => (text: string) => void;
  /** The server refuses: the stream ends. Without it a refusal is tried again like any failure. */
  onRefused?: (problem: ApiProblem) => void;
  /** Seconds after which a line is dead. */
  silence: number;
  signal: AbortSignal;
}

/**
 * Follows a stream until `signal` is aborted or nobody is signed in any more. A line that broke is opened again, after a wait
 * that grows with each try in vain.
 */
export async function follow(stream: Stream): Promise<void> {
  const { signal, onState } = stream;
  let tries = 0;
  while (!signal.aborted) {
    onState?.("connecting");
    const outcome = await connect(stream);
    if (signal.aborted || outcome === "over") break;
    if (outcome === "was_open") tries = 0;
    onState?.("waiting");
    await (stream.sleep ?? pause)(backoff(tries), signal);
    tries += 1;
  }
  onState?.("closed");
}

async function connect(stream: Stream): Promise<"was_open" | "failed" | "over"> {
  const { signal, onRefused } = stream;
  const line = new AbortController();
  const abort = (): void => line.abort();
  signal.addEventListener("abort", abort, { once: true });
  let opened = false;
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream", "X-Request-Id": newId() };
    const bearer = stream.token();
    if (bearer !== null) headers.Authorization = `Bearer ${bearer}`;
    const response = await (stream.fetch ?? fetch)(stream.address(), { headers, signal: line.signal });
    if (response.status === 401) return (await stream.renew()) ? "failed" : "over";
    if (onRefused !== undefined && response.status >= 400 && response.status < 500) {
      onRefused(problemFrom(response, await response.json().catch(() => null)));
      return "over";
    }
    if (!response.ok || response.body === null) return "failed";
    opened = true;
    stream.onState?.("open");
    const hear = stream.onOpen();
    await readText(response.body, line, stream.silence, (text) => {
      if (!signal.aborted) hear(text);
    });
  } catch {
    // A broken line is the normal end of a stream: it is opened again.
  } finally {
    signal.removeEventListener("abort", abort);
    line.abort();
  }
  return opened ? "was_open" : "failed";
}
