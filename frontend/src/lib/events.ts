/** Reads the server's stream of events, and after a break goes on from the last event seen. */
import type { JobEvent } from "@/api/types";
import { type Follower, follow, SseParser } from "./sse";

export interface StreamOptions extends Follower {
  url: string;
  onEvent: (event: JobEvent) => void;
  /** Called each time the stream is open; `gap` when events may have been lost before it opened. */
  onOpen?: (gap: boolean) => void;
  after?: number | null;
  /** Seconds. The server sends a comment every 15 s; twice that and some is a dead line. */
  silenceLimit?: number;
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
  run(): Promise<void> {
    const { url, silenceLimit = 40 } = this.options;
    return follow({
      ...this.options,
      address: () => (this.last === null ? url : `${url}?after=${this.last}`),
      onOpen: () => this.open(),
      silence: silenceLimit,
      signal: this.stopper.signal,
    });
  }

  private open(): (text: string) => void {
    this.options.onOpen?.(this.openedOnce && this.last === null);
    this.openedOnce = true;
    const parser = new EventParser();
    return (text) => {
      const events = parser.feed(text);
      this.last ??= parser.position;
      for (const event of events) {
        // After a reconnect the server may repeat what was seen already.
        if (this.last !== null && event.id <= this.last) continue;
        this.last = event.id;
        this.options.onEvent(event);
      }
    };
  }
}
