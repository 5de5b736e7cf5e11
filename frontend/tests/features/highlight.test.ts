import { describe, expect, it } from "vitest";
import type { Fact } from "@/api/types";
import { highlightFull, highlightWords } from "@/features/work/highlight";

const fact = (label: string, start: number | null, end: number | null): Fact => ({
  kind: "dispensers",
  label,
  start,
  end,
});
const marked = (pieces: { text: string; label: string | null }[]) =>
  pieces.map(({ text, label }) => (label === null ? text : `[${text}]`)).join("");

describe("highlighted words", () => {
  const full = "NEW STORE 🚚 Day 1 of 2, #3/4";

  it("stand at their places, counted in characters", () => {
    const facts = [fact("New store", 0, 9), fact("Day 1 of 2", 12, 22), fact("from the code", null, null)];
    expect(marked(highlightFull(full, facts))).toBe("[NEW STORE] 🚚 [Day 1 of 2], #3/4");
  });

  it("never overlap, and never change the text", () => {
    const facts = [fact("a", 0, 9), fact("b", 4, 12), fact("c", 25, 400)];
    const pieces = highlightFull(full, facts);
    expect(pieces.map((piece) => piece.text).join("")).toBe(full);
    expect(marked(pieces)).toBe("[NEW STORE] 🚚 Day 1 of 2, #3/4");
  });

  it("are found again in the shortened text", () => {
    expect(
      marked(highlightWords("🚚 Day 1 of 2", full, [fact("Day 1 of 2", 12, 22), fact("New", 0, 9)])),
    ).toBe("🚚 [Day 1 of 2]");
  });
});
