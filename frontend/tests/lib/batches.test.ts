import { describe, expect, it } from "vitest";
import type { BatchState, JobEvent } from "@/api/types";
import {
  ACTIVE_BATCH,
  batchState,
  batchSummary,
  isOver,
  mayPause,
  mayResume,
  mayStop,
  OVER_BATCH,
  standstill,
  visitsDone,
  withBatchEvent,
} from "@/lib/batches";
import { batch, batchVisit } from "../features/data";

const event = (type: string, data: Record<string, unknown>, job = "batch-1"): JobEvent => ({
  id: 1,
  at: "2025-07-02T10:00:00Z",
  job_kind: "batch",
  job_id: job,
  type,
  message: "",
  data,
});

describe("a batch", () => {
  const running = batch([batchVisit(0, { state: "running" }), batchVisit(1)]);

  it("moves on by its own events only", () => {
    expect(withBatchEvent(running, event("state", { state: "paused" })).state).toBe("paused");
    expect(withBatchEvent(running, event("finished", { state: "stopped" })).state).toBe("stopped");
    expect(withBatchEvent(running, event("state", { state: "paused" }, "another"))).toBe(running);
    expect(withBatchEvent(running, event("state", { state: "odd" }))).toBe(running);
    const moved = withBatchEvent(
      running,
      event("visit", { position: 1, state: "needs_person", run_id: "run-not-there-yet" }),
    );
    expect(moved.visits.map(({ state, run_id }) => [state, run_id])).toEqual([
      ["running", null],
      ["needs_person", null],
    ]);
    expect(moved.state).toBe("running");
  });

  it("offers exactly what fits its state", () => {
    const offers = (state: BatchState) =>
      [mayPause(state) && "pause", mayResume(state) && "resume", mayStop(state) && "stop"].filter(Boolean);
    expect(offers("running")).toEqual(["pause", "stop"]);
    expect(offers("paused")).toEqual(["resume", "stop"]);
    expect(offers("pausing")).toEqual(["resume", "stop"]);
    expect(offers("waiting")).toEqual(["pause", "resume", "stop"]);
    expect(offers("stopping")).toEqual([]);
    for (const state of OVER_BATCH) expect(offers(state)).toEqual([]);
    expect(ACTIVE_BATCH.some(isOver)).toBe(false);
  });

  it("says why it stands still, and until when", () => {
    const waiting = batch([], {
      state: "waiting",
      wake_at: "2025-07-03T10:00:00Z",
      wake_why: "Quiet hours: it goes on when they are over.",
    });
    expect(standstill(waiting, "UTC")).toMatch(/^Quiet hours.*Goes on by itself at Thu 3 Jul, 10:00/);
    expect(standstill(batch([], { state: "paused" }), "UTC")).toMatch(/Nothing is written/);
    expect(standstill(running, "UTC")).toBeNull();
    expect(standstill(batch([], { state: "finished" }), "UTC")).toBeNull();
  });

  it("is summed up with what needs a person", () => {
    const mixed = batch(
      [
        batchVisit(0, { state: "done", forms: 8, verified: 8 }),
        batchVisit(1, { state: "needs_person", forms: 6, verified: 3, needs_person: 2, not_done: 1 }),
        batchVisit(2, { state: "needs_person" }),
      ],
      { state: "finished" },
    );
    expect(batchSummary(mixed)).toBe(
      "3 visits · 11 of 14 forms proven · 2 need you · 1 not done · 1 visit to decide",
    );
    expect(visitsDone(mixed)).toBe(3);
    expect(batchState(mixed)).toEqual({ tone: "warn", words: "Finished, some need you" });
    expect(batchState(batch([batchVisit(0, { state: "done" })], { state: "finished" })).tone).toBe("ok");
  });
});
