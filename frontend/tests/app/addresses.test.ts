import { describe, expect, it } from "vitest";
import { router } from "@/app/router";

/** What the page at this address is told, by the router itself: it lays a route's answer over what was typed. */
const told = (path: string, search: Record<string, unknown>) =>
  router.matchRoutes(path, search).at(-1)?.search;

describe("what an address says wrongly", () => {
  it.each([
    ["/operations/alerts", { view: "x", alert: 5 }],
    ["/operations/performance", { window: "x" }],
    ["/operations/on-call", { view: "x" }],
    ["/operations/incidents", { only: "x", new: "yes" }],
    ["/operations", { slo: ["x"] }],
    ["/operations/logs", { view: "x", event: "http.", component: "../etc", level: "loud", minutes: -1 }],
    ["/week", { start: "2026-02-30" }],
    ["/forms", { new: "x" }],
    ["/visits/7/forms", { run: 1, batch: "" }],
    ["/welcome", { door: "x" }],
  ])("is not in force at %s", (path, search) => {
    const page = told(path, search) as Record<string, unknown>;
    for (const key of Object.keys(search)) expect(page[key]).toBeUndefined();
  });

  it.each(["https://example.com", "//example.com", "/\\example.com", "javascript:alert(1)"])(
    "does not lead away after the sign-in: %s",
    (next) => {
      expect(told("/sign-in", { next })).toEqual({ next: undefined });
    },
  );
});

describe("what an address says rightly", () => {
  it("reaches the page", () => {
    expect(told("/sign-in", { next: "/week?start=2026-03-02" })).toEqual({ next: "/week?start=2026-03-02" });
    expect(told("/operations/alerts", { view: "quiet", alert: "a1" })).toEqual({
      view: "quiet",
      alert: "a1",
    });
    expect(told("/operations/incidents", { new: true })).toMatchObject({ new: true });
  });
});
