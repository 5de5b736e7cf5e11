import { describe, expect, it } from "vitest";
import type { LogLine } from "@/api/types";
import { followLogs } from "@/lib/logTail";
import { SseParser } from "@/lib/sse";

const body = (...chunks: string[]): Response => {
  const encoder = new TextEncoder();
  return new Response(
    new ReadableStream<Uint8Array>({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
        controller.close();
      },
    }),
  );
};

/** Follows a script of answers; after the last one it stops. */
async function play(...answers: (Response | "broken")[]) {
  const stop = new AbortController();
  const heard = {
    lines: [] as string[],
    missed: [] as (number | null)[],
    refused: 0,
    waits: [] as number[],
    ids: new Set<unknown>(),
  };
  const script = [...answers];
  await followLogs({
    url: "/x",
    token: () => "t",
    renew: async () => true,
    onLines: (lines: LogLine[]) => heard.lines.push(...lines.map((line) => line.event)),
    onMissed: (count) => heard.missed.push(count),
    onState: () => undefined,
    onRefused: () => {
      heard.refused += 1;
    },
    signal: stop.signal,
    fetch: async (_, init) => {
      heard.ids.add(new Headers(init?.headers).get("X-Request-Id"));
      const next = script.shift();
      if (next === undefined) stop.abort();
      if (next === undefined || next === "broken") throw new TypeError("fetch failed");
      return next;
    },
    sleep: async (seconds) => {
      heard.waits.push(seconds);
    },
  });
  return heard;
}

const line = (event: string): string => `data: {"event":"${event}"}\n\n`;

describe("the tail", () => {
  it("hears lines, and how many came too fast", async () => {
    const heard = await play(
      body(line("a"), 'event: missed\ndata: {"count":3}\n\n', ": still here\n\n", line("b")),
    );
    expect(heard.lines.slice(0, 2)).toEqual(["a", "b"]);
    expect(heard.missed[0]).toBe(3);
  });

  it("says that the line broke, for what was written meanwhile is not repeated", async () => {
    const heard = await play(body(line("a")), "broken", body(line("b")));
    expect(heard.lines).toEqual(["a", "b"]);
    expect(heard.missed).toEqual([null]);
    expect(heard.waits.slice(0, 2)).toEqual([1, 2]);
    // Each try can be found in the server's logs.
    expect(heard.ids.size).toBe(4);
    expect(heard.ids).not.toContain(null);
  });

  it("does not ask again when the server refuses", async () => {
    const heard = await play(new Response("{}", { status: 422 }), body(line("never")));
    expect(heard.refused).toBe(1);
    expect(heard.lines).toEqual([]);
  });
});

describe("messages of a stream", () => {
  it("have the name that the server gave them", () => {
    expect(new SseParser().feed("event: missed\ndata: 1\n\ndata: 2\n\n")).toEqual([
      { event: "missed", data: "1", id: null },
      { event: "message", data: "2", id: null },
    ]);
  });
});
