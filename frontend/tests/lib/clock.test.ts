import { beforeEach, describe, expect, it, vi } from "vitest";

const SECOND = Date.parse("2026-03-02T14:00:00Z");
const dated = (more: Record<string, string> = {}) =>
  new Headers({ Date: new Date(SECOND).toUTCString(), ...more });

describe("the server's clock", () => {
  let clock: typeof import("@/lib/clock");
  beforeEach(async () => {
    vi.resetModules();
    clock = await import("@/lib/clock");
  });

  it("is this device's until something else is known", () => {
    clock.learnClock(new Headers(), 0, 100);
    clock.learnClock(dated(), SECOND + 300, SECOND + 400);
    expect(clock.byServer(1000)).toBe(1000);
  });

  it("is learnt from an answer, both ways, to the second", () => {
    const late = SECOND + 120_000;
    clock.learnClock(dated(), late, late + 200);
    expect(Math.abs(clock.byServer(late) - SECOND)).toBeLessThanOrEqual(1000);
    const early = SECOND - 120_000;
    clock.learnClock(dated(), early, early + 200);
    expect(Math.abs(clock.byServer(early) - SECOND)).toBeLessThanOrEqual(1000);
  });

  it("does not jump while what is known fits, and learns nothing from an answer that took long", () => {
    clock.learnClock(dated(), SECOND + 120_000, SECOND + 120_000);
    const known = clock.byServer(0);
    clock.learnClock(dated(), SECOND + 119_900, SECOND + 120_050);
    clock.learnClock(dated(), SECOND - 600_000, SECOND + 600_000);
    expect(clock.byServer(0)).toBe(known);
  });

  it("is not taken from what the browser may have kept", () => {
    const nextDay = SECOND + 86_400_000;
    clock.learnClock(dated({ "Cache-Control": "private, max-age=86400" }), nextDay, nextDay);
    expect(clock.byServer(0)).toBe(0);
  });
});

describe("a device that is ahead", () => {
  it("shows how old things are by the server's clock", async () => {
    vi.resetModules();
    const its = Date.now() - 10 * 60_000;
    vi.stubGlobal("fetch", async () => Response.json({}, { headers: { Date: new Date(its).toUTCString() } }));
    const { authorizedFetch } = await import("@/lib/auth");
    const { serverNow } = await import("@/lib/clock");
    await authorizedFetch(new Request("http://localhost/api/health"));
    expect(Math.abs(serverNow() - its)).toBeLessThan(2000);
  });
});
