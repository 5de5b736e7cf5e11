/**
 * Reads the server's stream of events. It reconnects from the last event seen, waits longer after each failed try, and gives
 * up a connection that has been silent for too long.
 */
import type { JobEvent } from "@/api/types";
import { newId } from "./logging";
import { backoff, pause, readText, SseParser } from "./sse";

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

/** Splits a stream of text into the server's events; whatever else a message holds is skipped. */
export class EventParser {
  /** The id the server follows after, from its first comment; null until it was said. */
  position: number | null = null;
  private readonly messages = new SseParser((comment) => {
    const said = /^following after (\d+)/.exec(comment);
    if (this.position === null && said !== null) this.position = Number(said[1]);
  });

  feed(text: string): JobEvent[] {
    return this.messages.feed(text).map(({ data, id }) => {
      const event = JSON.parse(data) as JobEvent;
      const number = Number.parseInt(id ?? "", 10);
      return Number.isFinite(number) ? { ...event, id: number } : event;
    });
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
    const parser = new EventParser();
    await readText(body, line, this.options.silenceLimit ?? 40, (text) => {
      if (this.stopper.signal.aborted) return;
      const events = parser.feed(text);
      this.last ??= parser.position;
      for (const event of events) {
        // After a reconnect the server may repeat what was seen already.
        if (this.last !== null && event.id <= this.last) continue;
        this.last = event.id;
        this.options.onEvent(event);
      }
    });
  }
}
