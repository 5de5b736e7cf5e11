import { expect, test } from "vitest";
import { lasting, percent, seconds } from "@/lib/figures";

test.each([
  [1, 0, "100 %"],
  [1, 2, "100 %"],
  [0.5, 0, "50 %"],
  [0.99999, 2, "99.99 %"],
  [0.57, 2, "57 %"],
  [0, 0, "0 %"],
  [0.1, 1, "10 %"],
])("%f is %s", (ratio, digits, words) => {
  expect(percent(ratio, digits)).toBe(words);
});

test("times are as exact as they are short", () => {
  expect(seconds(0.0081)).toBe("8.1 ms");
  expect(seconds(0.3)).toBe("300 ms");
  expect(seconds(1.94)).toBe("1.94 s");
  expect(seconds(12.3)).toBe("12.3 s");
});

test("what lasts is said the coarser the longer, and as wide from second to second", () => {
  expect([4, 41.2, 125, 180, 750, 4330, 7200, 200_000].map(lasting)).toEqual([
    "4 s",
    "41 s",
    "2 min 05 s",
    "3 min",
    "12 min",
    "1 h 12 min",
    "2 h",
    "2 days",
  ]);
});
