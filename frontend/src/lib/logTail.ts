/** Follows the logs while they are written. What was written while the line was broken is not repeated: it is said. */
import type { LogLine } from "@/api/types";
import type { ApiProblem } from "./problems";
import { type Follower, follow, SseParser } from "./sse";

export interface TailOptions extends Follower {
  /** With the filters in it. */
  url: string;
  onLines: (lines: LogLine[]) => void;
  /** So many lines came too fast; null: the line was broken, and nobody knows how many. */
  onMissed: (count: number | null) => void;
  /** The server refuses: asking again would not help. */
  onRefused: (problem: ApiProblem) => void;
  signal: AbortSignal;
}

/** Seconds; the server says something every 5 s at least. */
const SILENCE = 20;

export function followLogs(options: TailOptions): Promise<void> {
  let wasOpen = false;
  return follow({
    ...options,
    address: () => options.url,
    silence: SILENCE,
    onOpen: () => {
      if (wasOpen) options.onMissed(null);
      wasOpen = true;
      const parser = new SseParser();
      return (text) => hear(parser.feed(text), options);
    },
  });
}

function hear(messages: { event: string; data: string }[], { onLines, onMissed }: TailOptions): void {
  const lines: LogLine[] = [];
  for (const { event, data } of messages) {
    if (event === "missed") onMissed((JSON.parse(data) as { count: number }).count);
    else lines.push(JSON.parse(data) as LogLine);
  }
  if (lines.length > 0) onLines(lines);
}
