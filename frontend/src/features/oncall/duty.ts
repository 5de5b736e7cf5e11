/** On-call duty in words. Pure. */
import type { Notification, NotificationDelivery, OnCallContact, OnCallShift } from "@/api/types";
import type { Tone } from "@/lib/operations";
import { daysBetween } from "@/lib/time";

/** Days after which what is known of a contact has to be confirmed again. */
export const VERIFY_DAYS = 92;

export interface Verified {
  tone: Tone;
  words: string;
}

/** How old the last confirmation of a contact is; `today` as a plain date. */
export function verifiedAge(contact: Pick<OnCallContact, "verified_on">, today: string): Verified {
  if (contact.verified_on === null) return { tone: "warn", words: "never verified" };
  const days = daysBetween(contact.verified_on, today);
  const words =
    days <= 0 ? "verified today" : days === 1 ? "verified yesterday" : `verified ${days} days ago`;
  return days > VERIFY_DAYS ? { tone: "warn", words: `${words}, too long` } : { tone: "ok", words };
}

/** Shifts of one level, neighbours of the same person (or of nobody) as one. */
export function joined(shifts: OnCallShift[]): OnCallShift[] {
  const found: OnCallShift[] = [];
  for (const shift of shifts) {
    const last = found.at(-1);
    if (
      last !== undefined &&
      last.contact?.id === shift.contact?.id &&
      last.override_id === shift.override_id &&
      last.ends_at === shift.starts_at
    )
      found[found.length - 1] = { ...last, ends_at: shift.ends_at };
    else found.push(shift);
  }
  return found;
}

const CHANNELS: Record<NotificationDelivery["channel"], string> = {
  pushover: "Pushover",
  desktop: "desktop",
  email: "e-mail",
  log: "log",
};

const channelName = (channel: NotificationDelivery["channel"]): string => CHANNELS[channel];

/** What came of a message. Only what reached somebody is good: the log alone is not a way to a person. */
export function messageState({ state, deliveries }: Pick<Notification, "state" | "deliveries">): Verified {
  switch (state) {
    case "acknowledged":
      return { tone: "ok", words: "acknowledged" };
    case "sent":
      return deliveries.some((one) => one.outcome === "delivered" && one.channel !== "log")
        ? { tone: "ok", words: "delivered" }
        : { tone: "warn", words: "handed over, not seen by anybody" };
    case "due":
      return { tone: "busy", words: "to be sent" };
    case "withdrawn":
      return { tone: "idle", words: "withdrawn" };
    case "failed":
      return { tone: "bad", words: "reached nobody" };
  }
}

/** `e-mail a…@example.com: delivered`; one line per way that was tried, the log left out. */
export const waysOf = (
  deliveries: NotificationDelivery[],
): { id: NotificationDelivery["id"]; tone: Tone; words: string }[] =>
  deliveries
    .filter((one) => one.channel !== "log")
    .map((one) => ({
      id: one.id,
      tone: one.outcome === "delivered" ? "ok" : one.outcome === "queued" ? "busy" : "bad",
      words: `${channelName(one.channel)} ${one.hint}: ${one.outcome}${one.detail === "" ? "" : `, ${one.detail}`}`,
    }));
