import { describe, expect, it } from "vitest";
import {
  asRequest,
  byUrgency,
  choose,
  countChoices,
  effective,
  gradeColumns,
  markedInstructions,
  NO_CHOICES,
  namedDispensers,
  planSummary,
  prepareLabel,
  readingBlocks,
  readingsBySide,
  secondsLeft,
  wantedParts,
} from "@/features/forms/plan";
import { placeAt, sameChoice } from "@/features/provers/provers";
import { progressOf, verdictSummary } from "@/lib/runs";
import { form, grade, group, plan, provers, reading, run, runForm } from "./data";

describe("columns", () => {
  it("stand in the portal's order, unknown grades last", () => {
    const forms = [{ grades: ["Plus", "Mystery", "Regular"] }, { grades: ["Diesel", "Regular"] }];
    expect(gradeColumns(forms, ["Regular", "Plus", "Premium", "Diesel"])).toEqual([
      "Regular",
      "Plus",
      "Diesel",
      "Mystery",
    ]);
  });
});

describe("choices", () => {
  const plus = grade("Plus");

  it("win over the plan, and are forgotten when they equal it again", () => {
    const once = choose({}, "1/2", plus, { metered: true });
    expect(effective(plus, "1/2", once)).toEqual({ metered: true, proverId: "P-A", changed: true });
    expect(effective(plus, "3/4", once).changed).toBe(false);
    expect(choose(once, "1/2", plus, { metered: false })).toEqual({});
  });

  it("are sent as the API takes them", () => {
    const both = choose(choose({}, "1/2", plus, { metered: true }), "1/2", plus, { prover_id: "P-B" });
    const all = { ...NO_CHOICES, grades: both, stations: { "1/2": "wawa" as const }, readings: false };
    expect(asRequest(all)).toEqual({
      grades: [{ dispenser: "1/2", grade: "Plus", metered: true, prover_id: "P-B" }],
      stations: [{ dispenser: "1/2", station: "wawa" }],
      dispensers: null,
      readings: false,
    });
    expect(countChoices(all)).toBe(3);
    expect(countChoices(NO_CHOICES)).toBe(0);
  });

  it("are all kept where the plan without them is not known", () => {
    expect(choose({}, "1/2", { grade: "Plus" }, { metered: false })).toEqual({
      "1/2\nPlus": { metered: false },
    });
  });
});

describe("sentences", () => {
  const mixed = plan([form("1/2", "done"), form("3/4", "resume"), form("5/6", "create"), form("7/8", "ask")]);

  it("say what a plan does", () => {
    expect(prepareLabel(mixed)).toBe("Prepare 2 forms");
    expect(prepareLabel(plan([form("1/2", "create")]))).toBe("Prepare 1 form");
    expect(prepareLabel(plan([form("1/2", "done")]))).toBe("Nothing to prepare");
    expect(planSummary(mixed)).toBe(
      "4 forms wanted · 1 to add · 1 to fill · 1 complete already · 1 needs you",
    );
  });

  it("say how a run went, and what is left", () => {
    const half = run([
      runForm(0, "1/2", { verdict: "verified", seconds: 4 }),
      runForm(1, "3/4", { verdict: "needs_human", seconds: 2 }),
      runForm(2, "5/6", { running: true }),
      runForm(3, "7/8", { action: "done", verdict: "already_done" }),
    ]);
    expect(progressOf(half)).toMatchObject({ done: 2, total: 3, current: { dispenser: "5/6" } });
    expect(secondsLeft(half)).toBe(3);
    expect(secondsLeft(run([runForm(0, "1/2")]))).toBeNull();
    expect(verdictSummary(half)).toBe("1 needs you · 1 verified · 1 complete already · 1 open");
    expect(byUrgency(half.forms).map((one) => one.dispenser)).toEqual(["3/4", "5/6", "1/2", "7/8"]);
  });

  it("are read apart only when they have the known form", () => {
    expect(wantedParts("no meter · 5 Gallon · 21-1")).toEqual({ metered: false, proverId: "21-1" });
    expect(wantedParts("1/2 · 5 Gallon")).toBeNull();
    expect(wantedParts("something else")).toBeNull();
  });
});

describe("readings", () => {
  const groups = [
    group(1, "Regular"),
    group(1, "Plus", { metered: false, readings: [reading()] }),
    group(2, "Regular"),
    group(2, "Plus", { metered: false, readings: [reading()] }),
  ];

  it("are counted by side", () => {
    expect(readingsBySide(groups)).toEqual([
      [1, 3],
      [2, 3],
    ]);
    expect(readingsBySide([])).toEqual([]);
  });

  it("are told once where groups get the same", () => {
    const told = (list: typeof groups) =>
      readingBlocks(list).map(({ where, readings }) => [where, readings.length]);
    expect(told(groups)).toEqual([
      ["Regular · sides 1 and 2", 2],
      ["Plus · sides 1 and 2", 1],
    ]);
    expect(told([group(1, "Regular"), group(2, "Regular"), group(1, "Diesel")])).toEqual([
      ["Regular sides 1 and 2, Diesel side 1", 2],
    ]);
  });
});

describe("the words of the instructions", () => {
  it("are cut at what orders, at what fits nothing and at what is in question", () => {
    const pieces = markedInstructions({
      instructions: "⛽ do 1/2, 19 now",
      marks: [
        { dispenser: "1/2", start: 5, end: 8 },
        { dispenser: "3/4", start: 5, end: 8 },
      ],
      unresolved: [{ text: "19", why: "No such dispenser.", start: 10, end: 12 }],
      questions: [{ code: "q", message: "Now?", start: 13, end: 16 }],
    });
    expect(pieces.map(({ text, value }) => [text, value?.kind ?? null])).toEqual([
      ["⛽ do ", null],
      ["1/2", "orders"],
      [", ", null],
      ["19", "unclear"],
      [" ", null],
      ["now", "question"],
    ]);
    expect(pieces[1]?.value?.label).toBe("Orders 1/2 and 3/4");
  });

  it("propose the dispensers they name, in the location's order", () => {
    const named = plan([], {
      dispensers: ["1/2", "3/4", "5/6"],
      marks: [
        { dispenser: "5/6", start: 0, end: 1 },
        { dispenser: "1/2", start: 2, end: 3 },
      ],
    });
    expect(namedDispensers(named)).toEqual(["1/2", "5/6"]);
  });
});

describe("prover positions", () => {
  const positions = (list: typeof provers) => list.map((prover) => prover.position);

  it("are swapped with whoever stands there", () => {
    expect(positions(placeAt(provers, "P-A", 3))).toEqual([3, 2, 1]);
  });

  it("become unique when they were all the same", () => {
    const same = provers.map((prover) => ({ ...prover, position: 3 }));
    const placed = placeAt(placeAt(same, "P-A", 1), "P-B", 2);
    expect(positions(placed)).toEqual([1, 2, 3]);
  });

  it("are compared by what a person can choose", () => {
    expect(sameChoice(provers, structuredClone(provers))).toBe(true);
    expect(sameChoice(provers, placeAt(provers, "P-A", 2))).toBe(false);
  });
});
