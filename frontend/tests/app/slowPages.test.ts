import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { watchPages } from "@/app/slowPages";
import * as logging from "@/lib/logging";

type Listener = () => void;

let listeners: Record<string, Listener>;
let time = 0;
let stop: () => void;
const said = vi.fn();

beforeEach(() => {
  listeners = {};
  time = 0;
  said.mockClear();
  vi.spyOn(performance, "now").mockImplementation(() => time);
  vi.spyOn(logging, "report").mockImplementation(said);
  const router = {
    subscribe: (name: string, listener: Listener) => {
      listeners[name] = listener;
      return () => delete listeners[name];
    },
    state: { matches: [{ fullPath: "/" }, { fullPath: "/visits/$visitId/forms" }] },
  };
  stop = watchPages(router as never);
});

afterEach(() => stop());

function navigate(takes: number): void {
  listeners.onBeforeNavigate?.();
  time += takes;
  listeners.onResolved?.();
}

it("reports a slow load from the beginning of the page, and slow pages after it", () => {
  time = 3_000; // scripts were loaded first
  navigate(1_500);
  navigate(1_900);
  navigate(2_100);
  expect(said.mock.calls.map(([level, event, , more]) => [level, event, more])).toEqual([
    ["warning", "ui.slow_load", { route: "/visits/$visitId/forms", duration_ms: 4_500 }],
    ["warning", "ui.slow_navigation", { route: "/visits/$visitId/forms", duration_ms: 2_100 }],
  ]);
});

it("does not take the time between two pages for a slow one", () => {
  navigate(100);
  time += 60_000;
  listeners.onResolved?.();
  navigate(100);
  expect(said).not.toHaveBeenCalled();
});

it("stops watching", () => {
  stop();
  expect(listeners).toEqual({});
});
