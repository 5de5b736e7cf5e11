import { describe, expect, it } from "vitest";
import type { Notification, NotificationDelivery } from "@/api/types";
import { joined, messageState, verifiedAge, waysOf } from "@/features/oncall/duty";
import { shift } from "./operationsData";

describe("verified", () => {
  it("grows old after a quarter", () => {
    expect(verifiedAge({ verified_on: null }, "2026-03-02").tone).toBe("warn");
    expect(verifiedAge({ verified_on: "2026-03-02" }, "2026-03-02").words).toBe("verified today");
    expect(verifiedAge({ verified_on: "2025-11-30" }, "2026-03-02")).toEqual({
      tone: "ok",
      words: "verified 92 days ago",
    });
    expect(verifiedAge({ verified_on: "2025-11-29" }, "2026-03-02").tone).toBe("warn");
  });
});

describe("shifts", () => {
  it("of the same person in a row are one; a gap stays a gap", () => {
    const found = joined([shift(0, 1, "Ada"), shift(1, 2, "Ada"), shift(2, 3, null), shift(3, 4, "Ada")]);
    expect(found.map((one) => one.contact?.name ?? null)).toEqual(["Ada", null, "Ada"]);
  });
});

describe("what came of a message", () => {
  const delivery = (channel: NotificationDelivery["channel"], outcome: NotificationDelivery["outcome"]) =>
    ({
      id: channel,
      channel,
      hint: "a…",
      outcome,
      detail: "",
      permanent: false,
    }) as unknown as NotificationDelivery;
  const state = (name: Notification["state"], ...deliveries: NotificationDelivery[]) =>
    messageState({ state: name, deliveries }).tone;

  it("is good only when a person was reached: the log is nobody", () => {
    expect(state("sent", delivery("email", "delivered"))).toBe("ok");
    expect(state("sent", delivery("log", "delivered"))).toBe("warn");
    expect(state("sent", delivery("desktop", "queued"))).toBe("warn");
    expect(state("failed", delivery("email", "failed"))).toBe("bad");
  });

  it("names each way to a person", () => {
    const ways = waysOf([delivery("log", "delivered"), delivery("email", "failed")]);
    expect(ways.map((way) => way.words)).toEqual(["e-mail a…: failed"]);
  });
});
