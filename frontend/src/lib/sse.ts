/**
 * Server-sent events, read with fetch (EventSource cannot send an Authorization header): what a stream is made of, for every
 * stream of the server.
 */

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
