/** Made-up answers of the operations routes. */
import type {
  AlertItem,
  EscalationRow,
  Health,
  Incident,
  IncidentItem,
  LogLine,
  OnCallShift,
  RouteTimes,
  Slo,
} from "@/api/types";

export const NOW = Date.parse("2026-03-02T14:00:00Z");
const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString();

export const alert = (change: Partial<AlertItem> = {}): AlertItem => ({
  id: "a1",
  rule: "db_down",
  title: "The database does not answer",
  component: "database",
  priority: "p1",
  kind: "system_down",
  phase: "firing",
  words: "The database does not answer: disk I/O error.",
  value: 1,
  unit: "",
  pending_at: ago(4),
  fired_at: ago(3),
  acknowledged_at: null,
  acknowledged_by: null,
  answer_by: ago(-2),
  answered_in_time: null,
  resolved_at: null,
  resolved_by: null,
  silenced: null,
  inhibited: null,
  flaps: 0,
  incident_id: null,
  levels: {},
  what_to_do: "Check the disk.",
  runbook: "docs/operations/runbooks/monitoring-runbook.md#db_down",
  ...change,
});

export const matrix: EscalationRow[] = [
  {
    kind: "system_down",
    levels: [
      { level: 1, role: "ops_team", tells: ["Ada Example"], gap: null },
      { level: 2, role: "system_admin", tells: ["Grace Example"], gap: null },
      { level: 3, role: "business_owner", tells: [], gap: "There is nobody." },
    ],
  },
];

export const health = (parts: Record<string, Health["status"]> = {}, status?: Health["status"]): Health => ({
  status: status ?? (Object.keys(parts).length > 0 ? "degraded" : "ok"),
  database: "ok",
  version: "2.0.0",
  time: ago(0),
  age_seconds: 1,
  launch: "launch",
  pages: true,
  components: [...new Set(["database", "sync", "watcher", ...Object.keys(parts)])].map((name) => ({
    name,
    part_of: name === "database" ? "server" : name === "sync" ? "work" : "safety",
    critical: name === "database",
    status: parts[name] ?? "ok",
    words: `words of ${name}`,
    milliseconds: 1,
    data: {},
  })),
});

export const slo = (change: Partial<Slo> = {}): Slo => ({
  id: "availability",
  title: "Availability",
  promise: "99.5 % up",
  indicator: "Good probes of all",
  target: 0.995,
  limit_seconds: null,
  window_days: 30,
  minimum: 20,
  verdict: "met",
  why: "Fine.",
  ratio: 0.9993,
  parts: [],
  budget: { allowed: 432, used: 60, left: 0.86, minutes: 216 },
  burn: [],
  coverage: 0.99,
  ...change,
});

export const incidentItem = (change: Partial<IncidentItem> = {}): IncidentItem => ({
  id: "INC-20260218-001",
  title: "Nobody can sign in",
  priority: "p2",
  kind: "system_down",
  status: "closed",
  detected_at: ago(12 * 1440 + 30),
  recovered_at: ago(12 * 1440),
  closed_at: ago(11 * 1440),
  commander: "ada@example.com",
  review_due_at: null,
  next_update_at: null,
  figures: {
    to_detect: 60,
    to_acknowledge: 180,
    to_contain: null,
    to_recover: 1800,
    acknowledge_within: 300,
    recover_within: 900,
    response_met: true,
    recovery_met: false,
  },
  ...change,
});

export const incident = (change: Partial<Incident> = {}): Incident => ({
  ...incidentItem(),
  opened_by: "fossawork",
  started_at: ago(12 * 1440 + 31),
  declared_at: ago(12 * 1440 + 30),
  acknowledged_at: ago(12 * 1440 + 27),
  contained_at: null,
  reviewed_at: null,
  responders: [],
  services: ["database"],
  user_impact: "",
  business_impact: "",
  root_cause: "",
  contributing: "",
  whys: [],
  went_well: "",
  went_badly: "",
  lessons: "",
  procedures_updated: "",
  merged_into: null,
  timeline: [],
  alerts: [],
  actions: [],
  evidence: [],
  missing_to_close: [],
  next_statuses: [],
  message_fields: {},
  ...change,
});

export const routeTimes = (
  route: string,
  p95: number | null,
  change: Partial<RouteTimes> = {},
): RouteTimes => ({
  method: "GET",
  route,
  requests: 10,
  errors: 0,
  p50_seconds: p95,
  p95_seconds: p95,
  p99_seconds: p95,
  ...change,
});

export const shift = (from: number, to: number, name: string | null): OnCallShift => ({
  level: "primary",
  contact: name === null ? null : { id: name, name },
  starts_at: ago(-from * 60),
  ends_at: ago(-to * 60),
  override_id: null,
});

export const logLine = (change: Partial<LogLine> = {}): LogLine => ({
  ts: "2026-03-02T13:59:59.123Z",
  level: "info",
  category: "backend",
  component: "sync",
  event: "sync.finished",
  message: "Sync finished",
  request_id: "-",
  user_id: null,
  session_id: null,
  ip: null,
  method: null,
  route: null,
  status: null,
  duration_ms: null,
  error: null,
  data: null,
  pid: 1,
  host: "vm",
  version: "2.0.0",
  ...change,
});
