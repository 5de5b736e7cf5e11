import { describe, expect, it } from "vitest";
import { currentVisit, formMarks, queueOf, startsIn } from "@/features/batches/batches";
import {
  add,
  chosenBy,
  dayGroups,
  mondayOf,
  move,
  nameOf,
  remove,
  todayIn,
} from "@/features/batches/newBatch";
import { batch, batchVisit, card, run, runForm, step, week } from "./data";

describe("the queue", () => {
  const first = batch([batchVisit(0, { state: "running" })], { id: "a", eta_seconds: 60 });
  const second = batch([batchVisit(0)], {
    id: "b",
    state: "queued",
    asked_at: "2025-07-02T11:00:00Z",
    eta_seconds: 120,
  });
  const third = batch([batchVisit(0)], { id: "c", state: "queued", asked_at: "2025-07-02T12:00:00Z" });
  const held = batch([batchVisit(0)], { id: "d", state: "paused", asked_at: "2025-07-02T09:00:00Z" });

  it("stands in the order in which it was asked for", () => {
    const { now, waiting } = queueOf([third, second, held, first]);
    expect(now.map(({ id }) => id)).toEqual(["a"]);
    expect(waiting.map(({ id }) => id)).toEqual(["d", "b", "c"]);
    expect(currentVisit(first)?.position).toBe(0);
    expect(currentVisit(second)).toBeNull();
  });

  it("estimates a start from what is before it, and says nothing without a measurement", () => {
    expect(startsIn([held, second, third], [first])).toEqual([null, 60, 180]);
    expect(startsIn([second], [{ ...first, eta_seconds: null }])).toEqual([null]);
  });

  it("shows each form of the visit under way as one mark", () => {
    const marks = formMarks(
      run([
        runForm(0, "1/2", { verdict: "verified" }),
        runForm(1, "3/4", {
          running: true,
          steps: [step("grade:0", "Regular", "written"), step("grade:1", "Plus", "writing")],
        }),
        runForm(2, "5/6"),
        runForm(3, "7/8", { verdict: "needs_human" }),
      ]),
    );
    expect(marks.map(({ mark, share }) => [mark, share])).toEqual([
      ["proven", 1],
      ["running", 0.5],
      ["waiting", 0],
      ["person", 1],
    ]);
  });
});

describe("a new batch", () => {
  const today = "2025-07-02";
  const ready = { wanted: 8, verified: 8, needs_person: 0 } as never;
  const weeks = [
    week("2025-06-30", {
      "2025-07-01": [card(1)],
      "2025-07-02": [card(2), card(3, { forms: ready })],
      "2025-07-04": [card(4, { dispensers: null }), card(5, { visit_id: null })],
    }),
    week("2025-07-07", { "2025-07-08": [card(6, { missing: true }), card(7)] }),
  ];
  const groups = dayGroups(weeks, today);

  it("offers visits by day, with why one is left out and what may be asked", () => {
    expect(groups.map(({ date, visits }) => [date, visits.length])).toEqual([
      ["2025-07-01", 1],
      ["2025-07-02", 2],
      ["2025-07-04", 1],
      ["2025-07-08", 2],
    ]);
    const all = groups.flatMap(({ visits }) => visits);
    expect(all.map(({ left }) => left)).toEqual([
      "day is over",
      null,
      "forms ready",
      null,
      "not in the portal's newest list",
      null,
    ]);
    expect(all[3]?.note).toBe("its dispensers are not known yet");
  });

  it("chooses by today, this week and next week what is still to be done", () => {
    expect(chosenBy("today", groups, today)).toEqual([2002]);
    expect(chosenBy("week", groups, today)).toEqual([2002, 2004]);
    expect(chosenBy("next", groups, today)).toEqual([2007]);
    expect(chosenBy("choose", groups, today)).toEqual([]);
  });

  it("keeps the order of the days until somebody changes it", () => {
    expect(add([2004, 2007], [2002], groups)).toEqual([2002, 2004, 2007]);
    expect(add([2007, 2004], [2002], groups)).toEqual([2007, 2004, 2002]);
    expect(remove([2002, 2004], [2002])).toEqual([2004]);
  });

  it("moves a visit, and stops at the ends", () => {
    expect(move([1, 2, 3], 3, -1)).toEqual([1, 3, 2]);
    expect(move([1, 2, 3], 1, 9)).toEqual([2, 3, 1]);
    expect(move([1, 2, 3], 1, -1)).toEqual([1, 2, 3]);
    expect(move([1, 2, 3], 4, 1)).toEqual([1, 2, 3]);
  });

  it("is named after the wish only while it is just that", () => {
    expect(nameOf("today", [2002], groups, today)).toBe("Today, Wed 2 Jul");
    expect(nameOf("week", [2004, 2002], groups, today)).toBe("Week of Mon 30 Jun");
    expect(nameOf("week", [2002], groups, today)).toBeNull();
    expect(nameOf("choose", [], groups, today)).toBeNull();
  });

  it("knows the day of the person's own zone", () => {
    const late = Date.parse("2025-07-02T02:00:00Z");
    expect(todayIn("America/New_York", late)).toBe("2025-07-01");
    expect(todayIn("UTC", late)).toBe("2025-07-02");
    expect(mondayOf("2025-07-06")).toBe("2025-06-30");
  });
});
