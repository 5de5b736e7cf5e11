import type { DeliveryOutcome, Notification, OnCallGap, OnCallRole, OnCallShift } from "@/api/types";

export const ROLES: Record<OnCallRole, string> = {
  ops_team: "Operations team",
  system_admin: "System administrator",
  security_officer: "Security officer",
  business_owner: "Business owner",
  external_security: "External security",
  legal_compliance: "Legal and compliance",
  database_expert: "Database expert",
  disaster_recovery: "Disaster recovery",
  performance_engineer: "Performance engineer",
  architecture_team: "Architecture team",
};

export const OUTCOMES: Record<DeliveryOutcome, string> = {
  delivered: "delivered",
  failed: "failed",
  queued: "waits for a desktop application",
};

/** What became of a message, in one look: a failure is never covered by the log that always works. */
export function messageState(message: Notification): { tone: "ok" | "bad" | "warn" | "idle"; words: string } {
  switch (message.state) {
    case "sent":
      return { tone: "ok", words: "delivered" };
    case "acknowledged":
      return { tone: "ok", words: "acknowledged" };
    case "failed":
      return { tone: "bad", words: "reached nobody" };
    case "withdrawn":
      return { tone: "idle", words: "not needed any more" };
    case "due":
      return { tone: "warn", words: "on its way" };
  }
}

export interface DutyRow {
  starts_at: string;
  ends_at: string;
  primary: string | null;
  secondary: string | null;
  agreed: boolean;
}

/** The shifts of the primary in their order, each with whoever is secondary when it begins. */
export function dutyRows(shifts: readonly OnCallShift[]): DutyRow[] {
  const secondaries = shifts.filter((shift) => shift.level === "secondary");
  return shifts
    .filter((shift) => shift.level === "primary")
    .map((shift) => {
      const second = secondaries.find(
        (one) => one.starts_at <= shift.starts_at && shift.starts_at < one.ends_at,
      );
      return {
        starts_at: shift.starts_at,
        ends_at: shift.ends_at,
        primary: shift.contact?.name ?? null,
        secondary: second?.contact?.name ?? null,
        agreed: shift.override_id !== null,
      };
    });
}

/** How long nobody is on call in all of these spans, in hours. */
export const gapHours = (gaps: readonly OnCallGap[]): number =>
  gaps.reduce((sum, gap) => sum + (Date.parse(gap.ends_at) - Date.parse(gap.starts_at)) / 3_600_000, 0);
