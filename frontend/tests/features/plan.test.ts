import { describe, expect, it } from "vitest";
import {
  asRequest,
  byUrgency,
  choose,
  effective,
  gradeColumns,
  planSummary,
  prepareLabel,
  progressOf,
  secondsLeft,
  verdictSummary,
  wantedParts,
} from "@/features/forms/plan";
import { placeAt, sameChoice } from "@/features/provers/provers";
import { form, grade, plan, provers, run, runForm } from "./data";

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
    expect(asRequest(both)).toEqual([{ dispenser: "1/2", grade: "Plus", metered: true, prover_id: "P-B" }]);
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
