import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LogEntry } from "@/api/types";
import { auth, authorizedFetch, restore, signOut } from "@/lib/auth";
import { report, reportCall, reportError, startLogging } from "@/lib/logging";
import { firstBatch, LogQueue, type Outcome } from "@/lib/logQueue";
import { ApiProblem } from "@/lib/problems";
import { frames, pathTemplate, untyped } from "@/lib/untyped";

const KEY = "fossawork-logs";
const entry = (number: number, more: Partial<LogEntry> = {}): LogEntry => ({
  at: "2026-06-10T12:00:00.000Z",
  level: "error",
  event: "ui.error",
  message: "It broke",
  session_id: "ui-0123456789abcdef",
  number,
  ...more,
});
const kept = (): number[] =>
  (JSON.parse(localStorage.getItem(KEY) ?? "[]") as LogEntry[]).map(({ number }) => number);

describe("what is kept out of reports", () => {
  it.each([
    ["/api/visits/128719/forms?note=typed", "/api/visits/{id}/forms"],
    ["http://elsewhere.example/api/batches/0198c0de-1234-7abc", "/api/batches/{id}"],
    ["/api/work-orders?search=Wawa#x", "/api/work-orders"],
    ["/api/users/Somebody%20Typed", "/api/users/{id}"],
    ["/", "/"],
  ])("addresses lose queries and ids: %s", (address, template) => {
    expect(pathTemplate(address)).toBe(template);
  });

  it.each([
    [`Cannot read 'hunter2' of "x"`, "Cannot read “…” of “…”"],
    ["login of somebody@example.com failed", "login of … failed"],
    ["undefined is not a function", "undefined is not a function"],
  ])("messages lose quotations and addresses: %s", (message, clean) => {
    expect(untyped(message)).toBe(clean);
  });

  it("messages lose whatever stands in a field now", () => {
    document.body.innerHTML = `<input value="hunter2"><textarea></textarea><div contenteditable>my note</div><input value="1">`;
    const area = document.querySelector("textarea");
    if (area !== null) area.value = "a long story";
    expect(untyped("bad value hunter2 in a long story, 1 my note")).toBe("bad value … in …, 1 …");
    document.body.innerHTML = "";
  });

  it("stacks keep their frames only", () => {
    const stack = [
      "Error: typed by somebody",
      "second line of it",
      "    at save (http://x/assets/app.js?v=1:10:20)",
      "    at http://x/assets/app.js:1:2",
      "load@http://x/assets/app.js:3:4",
    ].join("\n");
    expect(frames(stack)).toBe(
      "    at save (http://x/assets/app.js:10:20)\n    at http://x/assets/app.js:1:2\nload@http://x/assets/app.js:3:4",
    );
    expect(frames("Error: no frames")).toBeNull();
  });
});

describe("the queue", () => {
  let time = 0;
  const now = (): number => time;

  beforeEach(() => {
    time = 1_000_000;
  });

  /** A queue whose server answers as told, one answer after the other; the last one stays. */
  function queueWith(...answers: Outcome[]): { queue: LogQueue; sent: number[][] } {
    const sent: number[][] = [];
    const queue = new LogQueue(async (entries) => {
      sent.push(entries.map(({ number }) => number));
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? "taken";
    }, now);
    return { queue, sent };
  }

  it("sends in order, at most a hundred at once, and keeps nothing afterwards", async () => {
    const { queue, sent } = queueWith("taken");
    for (let number = 0; number < 40; number++) queue.add(entry(number));
    queue.park(Array.from({ length: 150 }, (_, index) => entry(1000 + index)));
    await queue.flush();
    expect(sent.map((batch) => batch.length)).toEqual([100, 90]);
    expect(sent.flat()).toEqual([
      ...Array.from({ length: 150 }, (_, index) => 1000 + index),
      ...Array.from({ length: 40 }, (_, index) => index),
    ]);
    expect(localStorage.getItem(KEY)).toBeNull();
  });

  it("sends by itself when much waits", async () => {
    const { queue, sent } = queueWith("taken");
    for (let number = 0; number < 50; number++) queue.add(entry(number));
    await queue.flush();
    expect(sent).toHaveLength(1);
  });

  it("keeps what was not taken and replays it once, in order, also from another page", async () => {
    const first = queueWith({ later: 0 });
    for (const number of [1, 2, 3]) first.queue.add(entry(number));
    await first.queue.flush();
    expect(kept()).toEqual([1, 2, 3]);
    const second = queueWith("taken");
    second.queue.add(entry(4));
    await second.queue.flush();
    await second.queue.flush();
    expect(second.sent).toEqual([[1, 2, 3, 4]]);
    expect(kept()).toEqual([]);
  });

  it("keeps the newest thousand", async () => {
    const { queue } = queueWith({ later: 0 });
    queue.park(Array.from({ length: 990 }, (_, index) => entry(index)));
    queue.park(Array.from({ length: 20 }, (_, index) => entry(2000 + index)));
    expect(kept()).toHaveLength(1000);
    expect(kept().slice(0, 2)).toEqual([10, 11]);
    expect(kept().at(-1)).toBe(2019);
  });

  it("waits longer after each failure, as long as the server says, and not at all when the network is back", async () => {
    const { queue, sent } = queueWith({ later: 0 }, { later: 0 }, { later: 90_000 }, "taken");
    queue.add(entry(1));
    const tries = async (after: number): Promise<number> => {
      time += after;
      await queue.flush();
      return sent.length;
    };
    expect(await tries(0)).toBe(1);
    expect(await tries(4_999)).toBe(1);
    expect(await tries(1)).toBe(2);
    expect(await tries(9_999)).toBe(2);
    expect(await tries(1)).toBe(3);
    expect(await tries(89_000)).toBe(3);
    await queue.retryNow();
    expect(sent.length).toBe(4);
    expect(kept()).toEqual([]);
  });

  it("never sends again what the server refuses", async () => {
    const { queue, sent } = queueWith("refused", "taken");
    queue.add(entry(1));
    await queue.flush();
    queue.add(entry(2));
    await queue.flush();
    expect(sent).toEqual([[1], [2]]);
  });

  it("leaves the page with what is new handed over, and keeps it when that cannot be done", () => {
    const { queue } = queueWith("taken");
    const handed: number[] = [];
    queue.add(entry(1));
    queue.leave((entries) => handed.push(...entries.map(({ number }) => number)) > 0);
    expect([handed, kept()]).toEqual([[1], []]);
    queue.add(entry(2));
    queue.leave(() => false);
    expect(kept()).toEqual([2]);
  });

  it("does without storage", async () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const { queue, sent } = queueWith({ later: 0 }, "taken");
    queue.add(entry(1));
    await queue.flush();
    queue.add(entry(2));
    await queue.retryNow();
    expect(sent).toEqual([[1], [1, 2]]);
    await queue.retryNow();
    expect(sent).toHaveLength(2);
  });

  it("forgets storage that holds something else", async () => {
    localStorage.setItem(KEY, "{nonsense");
    const { queue, sent } = queueWith("taken");
    queue.add(entry(1));
    await queue.flush();
    expect(sent).toEqual([[1]]);
  });

  it("leaves the sending to the tab that is at it", async () => {
    const request = vi.fn(async (_name: string, _options: LockOptions, work: (lock: null) => unknown) =>
      work(null),
    );
    vi.stubGlobal("navigator", { ...navigator, locks: { request } });
    const { queue, sent } = queueWith("taken");
    queue.add(entry(1));
    await queue.flush();
    expect(sent).toEqual([]);
    expect(kept()).toEqual([1]);
  });

  it("sends no more bytes at once than the server takes", () => {
    const large = Array.from({ length: 100 }, (_, number) => entry(number, { message: "€".repeat(900) }));
    const batch = firstBatch(large);
    const bytes = new TextEncoder().encode(JSON.stringify({ entries: batch })).length;
    expect(batch.length).toBeGreaterThan(10);
    expect(bytes).toBeLessThan(64 * 1024);
    expect(firstBatch([entry(1, { message: "x".repeat(70_000) })])).toHaveLength(1);
  });
});

describe("reporting", () => {
  let stop: () => void;
  let posts: { entries: LogEntry[]; headers: Record<string, string>; keepalive: boolean }[];
  let answer: () => Promise<Response>;

  beforeEach(() => {
    vi.useFakeTimers();
    posts = [];
    answer = async () => new Response(null, { status: 202 });
    vi.stubGlobal("fetch", async (address: string | Request, options: RequestInit = {}) => {
      if (typeof address !== "string") return answer();
      posts.push({
        entries: (JSON.parse(String(options.body)) as { entries: LogEntry[] }).entries,
        headers: options.headers as Record<string, string>,
        keepalive: options.keepalive === true,
      });
      return answer();
    });
    stop = startLogging(() => "token-1");
  });

  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  const sent = async (): Promise<LogEntry[]> => {
    await vi.advanceTimersByTimeAsync(5_000);
    return posts.flatMap(({ entries }) => entries);
  };

  it("reports errors and rejections that nobody caught, without what was typed", async () => {
    const error = new TypeError("cannot save 'hunter2'");
    window.dispatchEvent(new ErrorEvent("error", { error, message: error.message }));
    const rejection = new Event("unhandledrejection") as PromiseRejectionEvent;
    Object.assign(rejection, { reason: "somebody@example.com is wrong" });
    window.dispatchEvent(rejection);
    const [first, second] = await sent();
    expect(first).toMatchObject({
      level: "error",
      event: "ui.error",
      message: "cannot save “…”",
      number: expect.any(Number),
    });
    expect(first?.error?.type).toBe("TypeError");
    expect(second).toMatchObject({ event: "ui.unhandled_rejection", message: "… is wrong" });
    expect(JSON.stringify(posts)).not.toMatch(/hunter2|somebody/);
    expect(posts[0]?.headers).toMatchObject({
      Authorization: "Bearer token-1",
      "X-Request-Id": expect.any(String),
    });
  });

  it("tells of a problem its code, never its words", async () => {
    const problem = {
      type: "",
      title: "",
      status: 409,
      code: "taken",
      kind: "business",
      detail: "typed",
      action: "",
    };
    reportError("ui.error", new ApiProblem({ ...problem, kind: "business", reference: "ref-1", errors: [] }));
    const [entry_] = await sent();
    expect(entry_).toMatchObject({ message: "taken", status: 409, data: { reference: "ref-1" } });
    expect(JSON.stringify(entry_)).not.toContain("typed");
  });

  it("reports failed requests with the id they were sent with, and no others", async () => {
    auth.accept({ access_token: "a", expires_in: 60, user: { id: "u" } as never });
    const ids: string[] = [];
    for (const status of [200, 404, 500]) {
      answer = async () => new Response("{}", { status });
      const request = new Request("http://localhost/api/visits/4711?note=typed");
      await authorizedFetch(request);
      ids.push(request.headers.get("X-Request-Id") ?? "");
    }
    answer = async () => new Response(null, { status: 202 });
    const entries = await sent();
    expect(entries.map(({ status, level, request_id }) => [status, level, request_id])).toEqual([
      [404, "info", ids[1]],
      [500, "error", ids[2]],
    ]);
    expect(entries[0]).toMatchObject({ event: "api.failed", method: "GET", route: "/api/visits/{id}" });
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => /^[0-9a-f]{16}$/.test(id))).toBe(true);
  });

  it("reports a server that does not answer, once it does again", async () => {
    answer = async () => {
      throw new TypeError("Failed to fetch");
    };
    await expect(authorizedFetch(new Request("http://localhost/api/week"))).rejects.toBeInstanceOf(
      ApiProblem,
    );
    await vi.advanceTimersByTimeAsync(30_000);
    const tries = posts.length;
    expect(tries).toBeGreaterThan(0);
    answer = async () => new Response(null, { status: 202 });
    window.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(posts.length).toBe(tries + 1);
    expect(posts.at(-1)?.entries.map(({ event }) => event)).toEqual(["api.unreachable"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(posts.length).toBe(tries + 1);
  });

  it("sends nothing of one person in the name of the next", async () => {
    auth.accept({ access_token: "a", expires_in: 60, user: { id: "u" } as never });
    answer = async () => new Response(null, { status: 503 });
    report("error", "ui.error", "parked");
    await sent();
    report("error", "ui.error", "just now");
    expect(localStorage.getItem(KEY)).toContain("parked");
    await signOut();
    expect(localStorage.getItem(KEY)).toBeNull();
    posts = [];
    answer = async () => new Response(null, { status: 202 });
    auth.accept({ access_token: "b", expires_in: 60, user: { id: "v" } as never });
    window.dispatchEvent(new Event("online"));
    report("error", "ui.error", "of the next");
    expect((await sent()).map(({ message }) => message)).toEqual(["of the next"]);
  });

  it("keeps what was reported before anybody signed in, over a load of the page", async () => {
    auth.clear();
    answer = async () => new Response(null, { status: 503 });
    report("error", "ui.error", "parked");
    await sent();
    expect(await restore()).toBe(false);
    expect(localStorage.getItem(KEY)).toContain("parked");
  });

  it("never reports that reporting failed", async () => {
    answer = async () => new Response(null, { status: 500 });
    report("warning", "ui.said", "once");
    await vi.advanceTimersByTimeAsync(120_000);
    expect(new Set(posts.flatMap(({ entries }) => entries.map(({ event }) => event)))).toEqual(
      new Set(["ui.said"]),
    );
  });

  it("has an end when something fails again and again, and says so", async () => {
    for (let time = 0; time < 200; time++) report("error", "ui.error", "again");
    expect(await sent()).toHaveLength(60);
    await vi.advanceTimersByTimeAsync(60_000);
    report("error", "ui.error", "later");
    const entries = await sent();
    expect(entries.slice(60).map(({ event, data }) => [event, data])).toEqual([
      ["ui.reports_dropped", { dropped: 140 }],
      ["ui.error", undefined],
    ]);
  });

  it("numbers the entries of a page", async () => {
    for (const message of ["a", "b", "c"]) report("info", "ui.said", message);
    const numbers = (await sent()).map(({ number }) => number);
    expect(numbers).toEqual([numbers[0], (numbers[0] ?? 0) + 1, (numbers[0] ?? 0) + 2]);
    expect(new Set(posts.flatMap(({ entries }) => entries.map(({ session_id }) => session_id))).size).toBe(1);
  });

  it("hands what waits to the browser when the page goes away", async () => {
    report("error", "ui.error", "last words");
    window.dispatchEvent(new Event("pagehide"));
    expect(posts.map(({ entries, keepalive }) => [entries[0]?.message, keepalive])).toEqual([
      ["last words", true],
    ]);
    expect(kept()).toEqual([]);
    answer = async () => {
      throw new TypeError("Failed to fetch");
    };
    report("error", "ui.error", "after that");
    window.dispatchEvent(new Event("pagehide"));
    await vi.advanceTimersByTimeAsync(0);
    expect(kept()).toHaveLength(1);
  });

  it("is silent before it was started and after it was stopped", async () => {
    stop();
    report("error", "ui.error", "nobody hears");
    reportCall({ method: "GET", url: "/api/week", requestId: "x", startedAt: 0, status: 500 });
    expect(await sent()).toEqual([]);
  });
});
