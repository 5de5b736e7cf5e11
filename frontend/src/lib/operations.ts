/** Words of the operations side that several screens share. */
import type {
  EscalationLevel,
  HealthState,
  IncidentStatus,
  Kind,
  Phase,
  Priority,
  ResponseFigures,
} from "@/api/types";
import { lasting } from "./figures";

/** How a state is meant; every screen shows it in the same colour. */
export type Tone = "ok" | "warn" | "bad" | "busy" | "idle" | "unknown";

export const PRIORITIES: readonly Priority[] = ["p1", "p2", "p3"];

export const priorityName = (priority: Priority): string => priority.toUpperCase();

/** `to be answered within 30 min`, as the server has it; empty while that is not known. */
export function answerWords(priority: Priority, figures: ResponseFigures[] | undefined): string {
  const limit = figures?.find((one) => one.priority === priority)?.limit_seconds;
  return limit === undefined ? "" : `to be answered within ${lasting(limit)}`;
}

export const KINDS: Record<Kind, string> = {
  system_down: "System down",
  security_breach: "Security",
  data_loss: "Data loss",
  performance: "Performance",
};

export const PHASES: Record<Phase, string> = {
  pending: "pending",
  firing: "firing",
  acknowledged: "acknowledged",
  resolved: "over",
};

export const HEALTH: Record<HealthState, { tone: Tone; words: string }> = {
  ok: { tone: "ok", words: "works" },
  degraded: { tone: "warn", words: "degraded" },
  failed: { tone: "bad", words: "broken" },
  unknown: { tone: "unknown", words: "not known" },
};

export const INCIDENT_STATUS: Record<IncidentStatus, { tone: Tone; words: string }> = {
  detected: { tone: "bad", words: "Detected" },
  declared: { tone: "bad", words: "Declared" },
  acknowledged: { tone: "warn", words: "Acknowledged" },
  contained: { tone: "warn", words: "Contained" },
  investigating: { tone: "warn", words: "Investigating" },
  recovering: { tone: "warn", words: "Recovering" },
  resolved: { tone: "ok", words: "Recovered" },
  reviewed: { tone: "ok", words: "Reviewed" },
  closed: { tone: "idle", words: "Closed" },
  false_positive: { tone: "idle", words: "False alarm" },
  merged: { tone: "idle", words: "Merged" },
};

const OVER: readonly IncidentStatus[] = ["closed", "false_positive", "merged"];
export const isIncidentOver = (status: IncidentStatus): boolean => OVER.includes(status);

/** True while the trouble itself goes on; afterwards only paper is left. */
export const isTroubleOpen = (status: IncidentStatus): boolean =>
  !isIncidentOver(status) && status !== "resolved" && status !== "reviewed";

export type DutyRole = EscalationLevel["role"];

const ROLES: Record<DutyRole, string> = {
  ops_team: "operations team",
  system_admin: "system administrator",
  security_officer: "security officer",
  business_owner: "business owner",
  external_security: "external security",
  legal_compliance: "legal and compliance",
  database_expert: "database expert",
  disaster_recovery: "disaster recovery",
  performance_engineer: "performance engineer",
  architecture_team: "architecture team",
};

export const DUTY_ROLES = Object.keys(ROLES) as DutyRole[];

/** Who the escalation matrix names, in words. */
export const roleName = (role: DutyRole): string => ROLES[role] ?? plain(role);

/** `slo_burn` → `slo burn` */
export const plain = (name: string): string => name.replaceAll("_", " ");

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
