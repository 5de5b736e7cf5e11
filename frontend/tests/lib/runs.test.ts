import { describe, expect, it } from "vitest";
import type { JobEvent, StepView } from "@/api/types";
import { groupFigure, groupOf, isRunning, readingTotals, typingOf, withStep, workWords } from "@/lib/runs";
import { run, runForm, step } from "../features/data";

const event = (type: string, data: Record<string, unknown>): JobEvent => ({
  id: 1,
  at: "2025-07-02T10:00:00Z",
  job_kind: "form_run",
  job_id: "run-1",
  type,
  message: "",
  data,
});
const typed = (key: string, reading: number) =>
  event("reading", { position: 0, key, state: "writing", reading });
const moved = (key: string, state: string) => event("step", { position: 0, key, state });

const groups = [
  step("equipment", "Dispenser and prover size", "verified", "1/2 · 5 Gallon"),
  step("grade:0", "Regular", "written"),
  step(
    "readings:0",
    "Regular, side 1",
    "writing",
    "5: Wet Down, First Run, Calibration Retest, Retest, Meter Sealed",
  ),
  step(
    "readings:1",
    "Regular, side 2",
    "writing",
    "5: Wet Down, First Run, Calibration Retest, Retest, Meter Sealed",
  ),
];
const [, , first, second] = groups as [StepView, StepView, StepView, StepView];
const one = run([runForm(0, "1/2", { running: true, steps: groups })]);

describe("a run under way", () => {
  it("moves one step of one form on, and leaves odd news alone", () => {
    const waiting = [step("grade:0", "Regular", "waiting")];
    const before = run([runForm(0, "1/2", { steps: waiting }), runForm(1, "3/4", { steps: waiting })], {
      state: "queued",
    });
    const after = withStep(before, event("step", { position: 1, key: "grade:0", state: "written" }));
    expect(after.state).toBe("running");
    expect(after.forms.map((form) => form.steps[0]?.state)).toEqual(["waiting", "written"]);
    const odd = event("step", { position: 1, key: "grade:0", state: "odd" });
    expect(withStep(before, odd)).toBe(before);
  });

  it("counts as running until it has its end", () => {
    expect(["queued", "running", "pausing", "paused", "skipping", "stopping"].every(isRunning)).toBe(true);
    expect(["finished", "failed", "stopped", "skipped", undefined].some(isRunning)).toBe(false);
  });

  it("reads a group of readings from its step", () => {
    expect(groupOf(first)).toEqual({ grade: "Regular", side: "1", total: 5 });
    expect(groupOf(step("readings:9", "Odd label", "waiting", "none"))).toEqual({
      grade: "Odd label",
      side: "",
      total: 0,
    });
    expect(groupOf(step("grade:0", "Regular", "written"))).toBeNull();
  });

  it("counts readings by the events, which leave some out, and the one being typed not yet", () => {
    const typing = typingOf([typed("readings:0", 1), typed("readings:0", 4), typed("readings:1", 3)]);
    expect(groupFigure(first, 0, typing)).toEqual({ done: 5, typing: false });
    expect(groupFigure(second, 0, typing)).toEqual({ done: 2, typing: true });
    expect(groupFigure(second, 1, typing)).toEqual({ done: 0, typing: false });
    expect(readingTotals(one, typing)).toEqual({ done: 7, total: 10 });
    expect(workWords(one, typing)).toBe("Regular, side 2: reading 3 of 5");
  });

  it("takes all groups as typed once the first one is written", () => {
    const saved = typingOf([typed("readings:1", 4), moved("readings:0", "written")]);
    expect(groupFigure(second, 0, saved)).toEqual({ done: 5, typing: false });
  });

  it("forgets what was typed and not saved when the form is left or begun anew", () => {
    const left = typingOf([typed("readings:1", 4), event("form", { position: 0, running: false })]);
    expect(left).toBeNull();
    expect(groupFigure(first, 0, left)).toEqual({ done: 0, typing: false });
    expect(typingOf([typed("readings:0", 4), moved("readings:0", "writing")])).toBeNull();
    expect(groupFigure({ ...first, state: "verified" }, 0, null)).toEqual({ done: 5, typing: false });
  });

  it("names the step under way, or that all is read back", () => {
    const with_ = (steps: typeof groups) => run([runForm(0, "1/2", { running: true, steps })]);
    const quiet = typingOf([]);
    expect(workWords(with_([step("grade:0", "Plus", "writing")]), quiet)).toBe("Plus");
    expect(workWords(with_([step("grade:0", "Plus", "written")]), quiet)).toBe("reading back");
    expect(workWords(with_([step("grade:0", "Plus", "waiting")]), quiet)).toBeNull();
    expect(workWords(run([runForm(0, "1/2")]), quiet)).toBeNull();
  });
});
