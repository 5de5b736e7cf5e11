import { describe, expect, it } from "vitest";
import {
  addDays,
  ago,
  dateRange,
  dayDate,
  dayNumber,
  daysBetween,
  formatIso,
  fromDayNumber,
  instantText,
  isDateText,
  parseDate,
  shortDate,
  weekday,
} from "@/lib/time";

describe("plain dates", () => {
  it("agree with the calendar for every day of 400 years", () => {
    const first = Date.UTC(1900, 0, 1) / 86_400_000;
    for (let day = first; day < first + 146_097; day += 1) {
      const date = new Date(day * 86_400_000);
      const text = date.toISOString().slice(0, 10);
      if (formatIso(fromDayNumber(day)) !== text || dayNumber(parseDate(text)) !== day) {
        throw new Error(`differs at ${text}`);
      }
      if (weekday(text) !== (date.getUTCDay() || 7)) throw new Error(`weekday differs at ${text}`);
    }
  });

  it("are counted across months, leap days and summer time", () => {
    expect(addDays("2025-06-30", 7)).toBe("2025-07-07");
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2025-03-08", 2)).toBe("2025-03-10");
    expect(daysBetween("2025-10-31", "2025-11-03")).toBe(3);
  });

  it("are named as people write them", () => {
    expect(dayDate("2025-07-01")).toBe("Tue 1 Jul");
    expect(dateRange("2025-06-30", "2025-07-04")).toBe("Mon 30 Jun – Fri 4 Jul");
    expect(shortDate("2026-01-15", 2025)).toBe("15 Jan 2026");
  });

  it("are told from what is none", () => {
    expect(isDateText("2025-07-01")).toBe(true);
    expect(isDateText("2025-02-30")).toBe(false);
    expect(isDateText("2025-7-1")).toBe(false);
    expect(isDateText(20250701)).toBe(false);
    expect(() => parseDate("tomorrow")).toThrow(RangeError);
  });
});

describe("instants", () => {
  const now = Date.parse("2025-07-02T12:00:00Z");

  it("are as old as they are", () => {
    expect(ago("2025-07-02T11:59:40Z", now)).toBe("just now");
    expect(ago("2025-07-02T11:48:00Z", now)).toBe("12 min ago");
    expect(ago("2025-07-02T07:00:00Z", now)).toBe("5 h ago");
    expect(ago("2025-06-28T12:00:00Z", now)).toBe("4 days ago");
    expect(ago("2025-07-02T12:00:09Z", now)).toBe("just now");
  });

  it("are shown in the person's zone, named where it is another than the device's", () => {
    expect(instantText("2025-07-02T18:05:00Z", "America/New_York")).toMatch(/^Wed 2 Jul, 14:05( EDT)?$/);
    expect(instantText("2025-07-02T18:05:00Z", "Asia/Tokyo")).toMatch(/^Thu 3 Jul, 03:05 GMT\+9$/);
  });
});
