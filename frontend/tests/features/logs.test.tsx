import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { Lines } from "@/features/logs/Lines";
import LiveView from "@/features/logs/LiveView";
import { isFiltered, KEPT_LINES, lineWords, logSearch, spanOf, tailUrl, withNewLines } from "@/lib/logs";
import { logLine } from "./operationsData";
import { show } from "./render";

describe("the address of a search", () => {
  it("keeps what fits and leaves out what does not", () => {
    expect(
      logSearch({
        view: "live",
        level: ["error", "loud"],
        category: "backend",
        component: "../etc",
        event: "sync.failed",
        text: " disk ",
        request: "abc-1",
        minutes: 15.5,
        since: "2026-03-01T00:00:00Z",
      }),
    ).toEqual({
      view: "live",
      level: ["error"],
      category: ["backend"],
      event: "sync.failed",
      text: "disk",
      request: "abc-1",
      minutes: 15,
    });
    expect(isFiltered(logSearch({}))).toBe(false);
  });

  it("looks at the last hour when nothing is said", () => {
    expect(spanOf({})).toEqual({ minutes: 60 });
    expect(spanOf({ since: "2026-03-01T00:00:00Z" })).toEqual({ since: "2026-03-01T00:00:00Z" });
  });

  it("names every level to the tail", () => {
    expect(tailUrl({ level: ["error", "critical"], text: "a b" })).toBe(
      "/api/operations/logs/stream?level=error&level=critical&text=a+b",
    );
  });
});

describe("a line", () => {
  it("says its request instead of repeating its event", () => {
    const request = { event: "http.request", message: "Http request", method: "GET", route: "/api/week" };
    expect(lineWords(logLine({ ...request, status: 200, duration_ms: 12.4 }))).toBe(
      "GET /api/week 200 12 ms",
    );
    expect(lineWords(logLine({ message: "60 work orders" }))).toBe("60 work orders");
  });

  it("opens to everything it holds, also twice the same", async () => {
    const user = userEvent.setup();
    const line = logLine({
      data: { work_orders: 60 },
      error: { type: "OSError", message: "disk", stack: "at x" },
    });
    await show(<Lines lines={[line, line]} />);
    const [first] = await screen.findAllByRole("button", { name: /sync\.finished/ });
    await user.click(first as HTMLElement);
    expect(screen.getByText("60")).toBeVisible();
    expect(screen.getByText("at x")).toBeVisible();
  });
});

describe("the live tail", () => {
  it("keeps the newest, and not more than it can show", () => {
    const many = Array.from({ length: KEPT_LINES + 5 }, (_, n) => n);
    expect(withNewLines([1], [2, 3])).toEqual([3, 2, 1]);
    expect(withNewLines([], many)).toHaveLength(KEPT_LINES);
    expect(withNewLines([], many)[0]).toBe(KEPT_LINES + 4);
  });

  it("stands still while it is paused, and goes on with what came meanwhile", async () => {
    const encoder = new TextEncoder();
    let write: (text: string) => void = () => undefined;
    vi.stubGlobal("fetch", async () => {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          write = (text) => controller.enqueue(encoder.encode(text));
        },
      });
      return new Response(stream);
    });
    const send = (event: string) => write(`data: ${JSON.stringify(logLine({ event, message: "" }))}\n\n`);
    const user = userEvent.setup();
    await show(<LiveView search={{}} />);
    expect(await screen.findByText("following")).toBeVisible();
    send("first.line");
    expect(await screen.findByText("first.line")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Pause" }));
    send("second.line");
    await user.click(await screen.findByRole("button", { name: "Go on (1 new line)" }));
    expect(await screen.findByText("second.line")).toBeVisible();
    write('event: missed\ndata: {"count": 7}\n\n');
    expect(await screen.findByText(/7 lines came too fast/)).toBeVisible();
  });
});
