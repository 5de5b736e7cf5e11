import { expect, test } from "vitest";
import type { Slo } from "@/api/types";
import { budgetLook } from "@/features/operations/objectives";

const slo = (verdict: Slo["verdict"], left: number | null): Pick<Slo, "verdict" | "budget"> => ({
  verdict,
  budget: { allowed: 10, used: 1, left, minutes: null },
});

test("no data is never drawn as a good budget, whatever its few events say", () => {
  expect(budgetLook(slo("no_data", 1))).toEqual({ state: "unknown", fill: 0, words: "no data" });
  expect(budgetLook(slo("met", null)).state).toBe("unknown");
});

test.each([
  [1, "good", "100 % left"],
  [0.3, "good", "30 % left"],
  [0.2, "little", "20 % left"],
  [0, "gone", "used up"],
  [-1, "gone", "overspent by 100 %"],
] as const)("a budget of %f is %s: %s", (left, state, words) => {
  expect(budgetLook(slo("met", left))).toMatchObject({ state, words });
});
