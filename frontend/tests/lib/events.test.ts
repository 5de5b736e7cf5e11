import { describe, expect, it } from "vitest";
import type { JobEvent } from "@/api/types";
import { EventParser, EventStream } from "@/lib/events";
import { backoff } from "@/lib/sse";

const event = (id: number, type = "phase"): JobEvent => ({
  id,
  at: "2025-07-02T10:00:00Z",
  job_kind: "sync",
  job_id: "j",
  type,
  message: `event ${id}`,
  data: {},
});
const wire = (one: JobEvent): string => `id: ${one.id}\ndata: ${JSON.stringify(one)}\n\n`;

function body(...chunks: string[]): Response {
  const encoder = new TextEncoder();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(stream);
}

describe("the parser", () => {
  it("puts events together from pieces of any size", () => {
    const parser = new EventParser();
    const text = `: hello\n\n${wire(event(1))}: still here\n\n${wire(event(2))}`;
    const found = [...text].flatMap((letter) => parser.feed(letter));
    expect(found.map((one) => one.id)).toEqual([1, 2]);
  });

  it("understands every line ending, also when it is cut in two", () => {
    const parser = new EventParser();
    const found = [...parser.feed(`id: 4\r\ndata: ${JSON.stringify(event(4))}\r`), ...parser.feed("\n\r\n")];
    expect(found.map((one) => one.id)).toEqual([4]);
  });

  it("learns from the first comment where the stream begins", () => {
    const parser = new EventParser();
    parser.feed(": following after 41\n\n");
    expect(parser.position).toBe(41);
  });
});

describe("the stream", () => {
  /** Runs the stream over a script of answers; the last one stops it. */
  async function play(answers: ((address: string) => Promise<Response> | Response)[], after?: number) {
    const seen: number[] = [];
    const addresses: string[] = [];
    const waits: number[] = [];
    const gaps: boolean[] = [];
    let renewals = 0;
    const stream = new EventStream({
      url: "/api/events",
      token: () => "t",
      renew: async () => {
        renewals += 1;
        return renewals < 2;
      },
      after: after ?? null,
      onEvent: (one) => seen.push(one.id),
      onOpen: (gap) => gaps.push(gap),
      fetch: (async (input: RequestInfo | URL) => {
        addresses.push(String(input));
        const answer = answers[addresses.length - 1];
        if (answer === undefined) {
          stream.stop();
          throw new TypeError("over");
        }
        return answer(String(input));
      }) as typeof fetch,
      sleep: async (seconds) => {
        waits.push(seconds);
      },
    });
    await stream.run();
    return { seen, addresses, waits, gaps, renewals };
  }

  it("comes back from the last event it saw and shows none twice", async () => {
    const { seen, addresses } = await play([
      () => body(": following after 6\n\n", wire(event(7)), wire(event(8))),
      () => body(wire(event(8)), wire(event(9))),
    ]);
    expect(seen).toEqual([7, 8, 9]);
    expect(addresses.slice(0, 2)).toEqual(["/api/events", "/api/events?after=8"]);
  });

  it("begins where it is told to", async () => {
    const { addresses } = await play([() => body()], 12);
    expect(addresses[0]).toBe("/api/events?after=12");
  });

  it("waits longer after each failure and begins anew after a success", async () => {
    const down = () => Promise.reject(new TypeError("Failed to fetch"));
    const { waits } = await play([down, down, down, () => body(wire(event(1))), down]);
    expect(waits.slice(0, 5)).toEqual([1, 2, 4, 1, 2]);
    expect(backoff(20)).toBe(30);
  });

  it("says that something may be missing when it reopens without knowing where it was", async () => {
    const { gaps } = await play([() => body(), () => body()]);
    expect(gaps).toEqual([false, true]);
  });

  it("knows its place by the first comment, so nothing is missing", async () => {
    const { gaps, addresses } = await play([() => body(": following after 3\n\n"), () => body()]);
    expect(gaps).toEqual([false, false]);
    expect(addresses[1]).toBe("/api/events?after=3");
  });

  it("renews the token after a 401 and ends when nobody is signed in", async () => {
    const refused = () => new Response("{}", { status: 401 });
    const { addresses, renewals } = await play([refused, refused, () => body(wire(event(1)))]);
    expect(renewals).toBe(2);
    expect(addresses).toHaveLength(2);
  });

  it("gives up a line that has gone silent", async () => {
    const opened: string[] = [];
    const stream = new EventStream({
      url: "/api/events",
      token: () => null,
      renew: async () => true,
      onEvent: () => undefined,
      silenceLimit: 0.02,
      fetch: ((input: RequestInfo | URL, init?: RequestInit) => {
        opened.push(String(input));
        if (opened.length === 2) stream.stop();
        const silent = new ReadableStream<Uint8Array>({
          start(controller) {
            init?.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
          },
        });
        return Promise.resolve(new Response(silent));
      }) as typeof fetch,
      sleep: async () => undefined,
    });
    await stream.run();
    expect(opened).toHaveLength(2);
  });
});
