import { describe, expect, it } from "vitest";
import { instantOf, wallTime } from "@/lib/zoned";

describe("wall clocks", () => {
  it("go there and back in any zone", () => {
    for (const zone of ["America/New_York", "Asia/Kolkata", "UTC", "Pacific/Auckland"]) {
      for (const wall of ["2026-01-15T08:30", "2026-07-15T23:59", "2026-12-31T00:00"]) {
        const instant = instantOf(wall, zone);
        expect(wallTime(Date.parse(instant ?? ""), zone)).toBe(wall);
      }
    }
  });

  it("write early years as fields understand them", () => {
    expect(wallTime(Date.parse("0202-03-01T00:00:00Z"), "UTC")).toBe("0202-03-01T00:00");
  });

  it("know summer from winter", () => {
    expect(instantOf("2026-01-15T09:00", "America/New_York")).toBe("2026-01-15T14:00:00.000Z");
    expect(instantOf("2026-07-15T09:00", "America/New_York")).toBe("2026-07-15T13:00:00.000Z");
  });

  it("take a time that the clock leaps over as the one after the leap", () => {
    expect(instantOf("2026-03-08T02:30", "America/New_York")).toBe("2026-03-08T07:30:00.000Z");
  });

  it("say when a text is no time", () => {
    expect(instantOf("", "UTC")).toBeNull();
    expect(instantOf("tomorrow", "UTC")).toBeNull();
  });
});
