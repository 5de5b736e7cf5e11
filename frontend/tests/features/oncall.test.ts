import { expect, test } from "vitest";
import type { Notification, OnCallShift } from "@/api/types";
import { dutyRows, gapHours, messageState } from "@/features/oncall/words";

const shift = (
  level: "primary" | "secondary",
  name: string | null,
  starts_at: string,
  ends_at: string,
): OnCallShift => ({
  level,
  contact: name === null ? null : { id: name, name },
  starts_at,
  ends_at,
  override_id: null,
});

test("each turn stands beside whoever is secondary when it begins, and nobody is said to be nobody", () => {
  const rows = dutyRows([
    shift("primary", "Ann", "2026-03-02T14:00:00Z", "2026-03-09T13:00:00Z"),
    shift("primary", null, "2026-03-09T13:00:00Z", "2026-03-16T13:00:00Z"),
    shift("secondary", "Ben", "2026-03-02T14:00:00Z", "2026-03-16T13:00:00Z"),
  ]);
  expect(rows.map((row) => [row.primary, row.secondary])).toEqual([
    ["Ann", "Ben"],
    [null, "Ben"],
  ]);
});

test("hours without anybody add up", () => {
  expect(gapHours([])).toBe(0);
  expect(
    gapHours([
      { starts_at: "2026-03-02T14:00:00Z", ends_at: "2026-03-02T16:30:00Z" },
      { starts_at: "2026-03-03T14:00:00Z", ends_at: "2026-03-03T15:00:00Z" },
    ]),
  ).toBe(3.5);
});

test.each([
  ["sent", "ok"],
  ["acknowledged", "ok"],
  ["failed", "bad"],
  ["due", "warn"],
  ["withdrawn", "idle"],
] as const)("a message that is %s looks %s", (state, tone) => {
  expect(messageState({ state } as Notification).tone).toBe(tone);
});
