import { describe, expect, it } from "vitest";
import { boardOf } from "@/features/work/WeekBoard";
import {
  cardId,
  columnsOf,
  entryCard,
  isComplete,
  mondayOf,
  moveFocus,
  rollOverWords,
} from "@/features/work/weekGrid";
import { card, week } from "./data";

const [a, b, c, d, e] = [card(1), card(2), card(3), card(4), card(5)];
const first = week("2025-06-30", { "2025-06-30": [a, b], "2025-07-02": [c] });
const second = week("2025-07-07", { "2025-07-08": [d], "2025-07-12": [e] });

describe("the week's columns", () => {
  it("are the work days, and any other day with visits", () => {
    expect(columnsOf(first).map((day) => day.date)).toHaveLength(5);
    expect(columnsOf(second).at(-1)?.date).toBe("2025-07-12");
  });

  it("begin on the Monday of a date", () => {
    expect(mondayOf("2025-07-06")).toBe("2025-06-30");
    expect(mondayOf("2025-06-30")).toBe("2025-06-30");
  });
});

describe("the arrow keys", () => {
  const board = boardOf([first, second]);
  const id = (one: typeof a) => cardId(one);

  it("move within a day and between days", () => {
    expect(moveFocus(board, id(a), "ArrowDown")).toBe(id(b));
    expect(moveFocus(board, id(b), "ArrowUp")).toBe(id(a));
    expect(moveFocus(board, id(b), "ArrowRight")).toBe(id(c));
    expect(moveFocus(board, id(c), "ArrowLeft")).toBe(id(a));
  });

  it("go on into the other week", () => {
    expect(moveFocus(board, id(c), "ArrowRight")).toBe(id(d));
    expect(moveFocus(board, id(c), "ArrowDown")).toBe(id(d));
    expect(moveFocus(board, id(d), "ArrowUp")).toBe(id(b));
  });

  it("stay at the edge of the board", () => {
    expect(moveFocus(board, id(a), "ArrowLeft")).toBe(id(a));
    expect(moveFocus(board, id(a), "ArrowUp")).toBe(id(a));
    expect(moveFocus(board, id(e), "ArrowRight")).toBe(id(e));
    expect(moveFocus(board, "unknown", "ArrowRight")).toBe("unknown");
  });

  it("enter at today's first card, else at the next one", () => {
    expect(entryCard([first, second])).toBe(id(c));
    expect(entryCard([week("2025-06-30", { "2025-06-30": [a] }), second])).toBe(id(d));
    expect(entryCard([week("2025-06-30", {}, { unscheduled: [b] })])).toBe(id(b));
    expect(entryCard([week("2025-06-30")])).toBeNull();
  });
});

describe("what the week says", () => {
  it("explains why another week is shown", () => {
    expect(rollOverWords({ ...first, reason: "week_over" })).toBe("This week is over – showing next week.");
    expect(rollOverWords({ ...first, reason: "current" })).toBeNull();
  });

  it("is complete only when every visit is", () => {
    const done = { completed_on: "2025-07-02" };
    expect(isComplete(week("2025-06-30", { "2025-07-02": [card(1, done)] }))).toBe(true);
    expect(isComplete(week("2025-06-30", { "2025-07-02": [card(1, done), card(2)] }))).toBe(false);
    expect(isComplete(week("2025-06-30"))).toBe(false);
  });
});
