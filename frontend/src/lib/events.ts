/**
 * Reads the server's event stream with fetch (EventSource cannot send an Authorization header). It reconnects from the
 * last event seen, waits longer after each failed try, and gives up a connection that has been silent for too long.
 */
import type { JobEvent } from "@/api/types";
import { newId } from "./logging";

export type StreamState = "connecting" | "open" | "waiting" | "closed";

export interface StreamOptions {
  url: string;
  token: () => string | null;
  /** Called after a 401; false means that nobody is signed in any more, and the stream ends. */
  renew: () => Promise<boolean>;
  onEvent: (event: JobEvent) => void;
  /** Called each time the stream is open; `gap` when events may have been lost before it opened. */
  onOpen?: (gap: boolean) => void;
  onState?: (state: StreamState) => void;
  after?: number | null;
  /** Seconds. The server sends a comment every 15 s; twice that and some is a dead line. */
  silenceLimit?: number;
  fetch?: typeof fetch;
  sleep?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

const FIRST_WAIT = 1;
const LONGEST_WAIT = 30;

/** Seconds to wait before try `n` (0, 1, 2 …): doubling, at most 30. */
export const backoff = (tries: number): number => Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);

const pause = (seconds: number, signal: AbortSignal): Promise<void> =>
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

/** Splits a stream of text into server-sent events. Comments and fields other than `id` and `data` are skipped. */
export class EventParser {
  private rest = "";
  private data: string[] = [];
  private id: number | null = null;
  /** The id the server follows after, from its first comment; null until it was said. */
  position: number | null = null;

  feed(text: string): JobEvent[] {
    const found: JobEvent[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (this.data.length > 0) {
          const event = JSON.parse(this.data.join("\n")) as JobEvent;
          found.push(this.id === null ? event : { ...event, id: this.id });
        }
        this.data = [];
        this.id = null;
      } else if (line.startsWith("data:")) {
        this.data.push(line.slice(5).replace(/^ /, ""));
      } else if (line.startsWith("id:")) {
        const id = Number.parseInt(line.slice(3), 10);
        this.id = Number.isFinite(id) ? id : null;
      } else if (this.position === null) {
        const said = /^:\s*following after (\d+)/.exec(line);
        if (said !== null) this.position = Number(said[1]);
      }
    }
    return found;
  }
}

export class EventStream {
  private readonly options: StreamOptions;
  private readonly stopper = new AbortController();
  private last: number | null;
  private openedOnce = false;

  constructor(options: StreamOptions) {
    this.options = options;
    this.last = options.after ?? null;
  }

  get lastId(): number | null {
    return this.last;
  }

  stop(): void {
    this.stopper.abort();
  }

  /** Runs until `stop()` or until nobody is signed in any more. */
  async run(): Promise<void> {
    const { signal } = this.stopper;
    const sleep = this.options.sleep ?? pause;
    let tries = 0;
    while (!signal.aborted) {
      this.options.onState?.("connecting");
      const outcome = await this.connect();
      if (signal.aborted || outcome === "signed_out") break;
      if (outcome === "was_open") tries = 0;
      this.options.onState?.("waiting");
      await sleep(backoff(tries), signal);
      tries += 1;
    }
    this.options.onState?.("closed");
  }

  private async connect(): Promise<"was_open" | "failed" | "signed_out"> {
    const { url, token, renew, onOpen, onState } = this.options;
    const line = new AbortController();
    const abort = (): void => line.abort();
    this.stopper.signal.addEventListener("abort", abort, { once: true });
    let opened = false;
    try {
      const resume = this.last;
      const address = resume === null ? url : `${url}?after=${resume}`;
      const headers: Record<string, string> = { Accept: "text/event-stream", "X-Request-Id": newId() };
      const bearer = token();
      if (bearer !== null) headers.Authorization = `Bearer ${bearer}`;
      const response = await (this.options.fetch ?? fetch)(address, { headers, signal: line.signal });
      if (response.status === 401) return (await renew()) ? "failed" : "signed_out";
      if (!response.ok || response.body === null) return "failed";
      opened = true;
      onState?.("open");
      onOpen?.(this.openedOnce && resume === null);
      this.openedOnce = true;
      await this.read(response.body, line);
    } catch {
      // A broken line is the normal end of a stream: the loop above waits and opens it again.
    } finally {
      this.stopper.signal.removeEventListener("abort", abort);
      line.abort();
    }
    return opened ? "was_open" : "failed";
  }

  private async read(body: ReadableStream<Uint8Array>, line: AbortController): Promise<void> {
    const limit = (this.options.silenceLimit ?? 40) * 1000;
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventParser();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const watch = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => line.abort(), limit);
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
        if (done || this.stopper.signal.aborted) return;
        watch();
        const events = parser.feed(decoder.decode(value, { stream: true }));
        this.last ??= parser.position;
        for (const event of events) {
          // After a reconnect the server may repeat what was seen already.
          if (this.last !== null && event.id <= this.last) continue;
          this.last = event.id;
          this.options.onEvent(event);
        }
      }
    } finally {
      clearTimeout(timer);
      cancel();
    }
  }
}
