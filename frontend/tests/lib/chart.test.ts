import { describe, expect, it } from "vitest";
import { gapsOf, isAlone, rowsOf, summaryOf, tableOf, timeTick, timeTicks, valueTicks } from "@/lib/chart";
import { wallTime } from "@/lib/zoned";

const MINUTE = 60_000;
const START = Date.parse("2026-03-02T14:00:00Z");
const points = (values: (number | null)[]) => ({
  points: values.map((value, n) => ({ at: new Date(START + n * MINUTE).toISOString(), value })),
});

describe("rows of a chart", () => {
  const rows = rowsOf([points([1, null, null, 4, null]), points([1, null, 3, 4, null])]);

  it("have a gap where no line has a value, and only there", () => {
    expect(gapsOf(rows, MINUTE)).toEqual([
      { from: START + MINUTE, to: START + 2 * MINUTE },
      { from: START + 4 * MINUTE, to: START + 5 * MINUTE },
    ]);
  });

  it("join neighbouring gaps, and miss what a line does not know of", () => {
    const uneven = rowsOf([points([1, null, null, 2]), points([1])]);
    expect(gapsOf(uneven, MINUTE)).toEqual([{ from: START + MINUTE, to: START + 3 * MINUTE }]);
    expect(uneven[3]).toEqual({ at: START + 3 * MINUTE, v0: 2, v1: null });
  });

  it("know a value without neighbours, which a line would not show", () => {
    expect(rows.map((_, index) => isAlone(rows, index, "v0"))).toEqual([true, false, false, true, false]);
    expect(isAlone(rows, 2, "v1")).toBe(false);
  });

  it("are summed up without taking a gap for a zero", () => {
    expect(summaryOf(rows, "v0")).toEqual({
      last: 4,
      highest: 4,
      missing: 3,
      steps: 5,
    });
    // What is two steps old is not the latest any more.
    expect(summaryOf(rowsOf([points([1, null, null])]), "v0").last).toBeNull();
  });

  it("become a table of few rows", () => {
    const table = tableOf(rows, 2, 3);
    expect(table.map((row) => row.lines[0])).toEqual([
      { mean: 1, highest: 1 },
      { mean: 4, highest: 4 },
      null,
    ]);
  });
});

describe("ticks", () => {
  it("are round and cover all", () => {
    expect(valueTicks(0, 1.9)).toEqual([0, 0.5, 1, 1.5, 2]);
    expect(valueTicks(-0.4, 1)).toEqual([-0.5, 0, 0.5, 1]);
    expect(valueTicks(0, 0.0009)[0]).toBe(0);
  });

  it("stand at round times of the zone", () => {
    const ticks = timeTicks(START, START + 60 * MINUTE, "Asia/Kolkata");
    expect(ticks.map((at) => timeTick(at, 60 * MINUTE, "Asia/Kolkata"))).toEqual([
      "19:30",
      "19:40",
      "19:50",
      "20:00",
      "20:10",
      "20:20",
      "20:30",
    ]);
    const days = timeTicks(START, START + 7 * 1440 * MINUTE, "America/New_York");
    expect(timeTick(days[0] ?? 0, 7 * 1440 * MINUTE, "America/New_York")).toMatch(/^(Tue 3|Wed 4)$/);
  });

  it("stand at midnight, also after the clock has changed", () => {
    const at = (text: string) => Date.parse(text);
    for (const [from, to] of [
      ["2026-10-28T12:00:00Z", "2026-11-03T12:00:00Z"],
      ["2026-03-05T12:00:00Z", "2026-03-11T12:00:00Z"],
    ] as const) {
      const ticks = timeTicks(at(from), at(to), "America/New_York");
      expect(ticks).toHaveLength(6);
      expect(ticks.map((tick) => wallTime(tick, "America/New_York").slice(11))).toEqual(
        Array.from(ticks, () => "00:00"),
      );
    }
  });
});
