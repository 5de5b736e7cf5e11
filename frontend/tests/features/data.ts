import type {
  Batch,
  BatchVisit,
  FormPlan,
  FormRun,
  GradePlan,
  Prover,
  ReadingGroup,
  RunForm,
  StepView,
  TemplateReading,
  VisitCard,
  VisitPlan,
  Week,
} from "@/api/types";
import { addDays, weekday } from "@/lib/time";

export const card = (work_id: number, change: Partial<VisitCard> = {}): VisitCard => ({
  work_id,
  visit_id: work_id + 2000,
  date: "2025-07-02",
  time: "anytime",
  chain: { key: "wawa", name: "Wawa" },
  customer: "Wawa Inc",
  brand: "Wawa",
  store: "5106",
  street: "1 Example Blvd",
  city: "Springfield",
  state: "FL",
  dispensers: 8,
  dispensers_from: "cards",
  codes: ["2861"],
  facts: [],
  due_date: null,
  due_state: "none",
  completed_on: null,
  missing: false,
  forms: null,
  ...change,
});

export function week(
  start: string,
  visits: Record<string, VisitCard[]> = {},
  change: Partial<Week> = {},
): Week {
  const today = change.today ?? "2025-07-02";
  const days = Array.from({ length: 7 }, (_, index) => {
    const date = addDays(start, index);
    return {
      date,
      is_today: date === today,
      is_work_day: weekday(date) <= 5,
      is_past: date < today,
      visits: visits[date] ?? [],
    };
  });
  const cards = days.flatMap((day) => day.visits);
  return {
    start,
    end: addDays(start, 6),
    iso_week: "2025-W27",
    previous: addDays(start, -7),
    next: addDays(start, 7),
    is_current: start <= today && today <= addDays(start, 6),
    reason: "current",
    today,
    days,
    unscheduled: [],
    totals: {
      visits: cards.length,
      dispensers: cards.reduce((sum, one) => sum + (one.dispensers ?? 0), 0),
      dispensers_unknown: cards.filter((one) => one.dispensers === null).length,
    },
    later_start: null,
    later_visits: 0,
    age: { state: "fresh", last_success_at: "2025-07-02T10:00:00Z", last_attempt_at: "2025-07-02T10:00:00Z" },
    ...change,
  };
}

export const grade = (name: string, change: Partial<GradePlan> = {}): GradePlan => ({
  grade: name,
  metered: name !== "Plus",
  metered_why: "By the rule.",
  prover_id: "P-A",
  prover_position: 1,
  prover_why: "Preferred.",
  ...change,
});

export const form = (
  dispenser: string,
  action: FormPlan["action"],
  grades = ["Regular", "Plus"],
): FormPlan => ({
  dispenser,
  numbers: dispenser.split("/").map(Number),
  action,
  entry_id: action === "done" ? 90010 : null,
  reasons: [`because of ${dispenser}`],
  warnings: [],
  sides: null,
  only_grades: null,
  grades: grades.map((name) => grade(name)),
  make: "Gilbarco",
  model: "NL3",
  station: { key: "gilbarco-500-700", name: "Gilbarco 500/700", why: "By its model.", certain: true },
  readings: [],
  reading_groups: 2 * grades.length,
});

export const reading = (change: Partial<TemplateReading> = {}): TemplateReading => ({
  procedure: "Wet Down",
  flow: "fast",
  temperature: null,
  gpm: null,
  start: "0",
  meniscus: null,
  end: null,
  ...change,
});

export const group = (side: number, name: string, change: Partial<ReadingGroup> = {}): ReadingGroup => ({
  group: 0,
  side,
  grade: name,
  metered: true,
  readings: [reading(), reading({ procedure: "First Run" })],
  ...change,
});

export const plan = (forms: FormPlan[], change: Partial<VisitPlan> = {}): VisitPlan => {
  const of = (...actions: FormPlan["action"][]) => forms.filter((one) => actions.includes(one.action)).length;
  return {
    visit_id: 128719,
    work_id: 126604,
    digest: "0123456789abcdef",
    form_type: "AccuMeasure",
    code: "2861",
    store: "5106",
    checked_at: "2025-07-02T10:00:00Z",
    wanted: forms.length,
    existing: of("done", "resume", "fill"),
    to_create: of("create"),
    to_write: of("create", "fill", "resume"),
    already_done: of("done"),
    to_ask: of("ask"),
    can_run: of("create", "fill", "resume") > 0,
    warnings: [],
    unresolved: [],
    questions: [],
    marks: [],
    instructions: null,
    dispensers: forms.map((one) => one.dispenser),
    readings: true,
    stations: [],
    forms,
    ...change,
  };
};

export const provers: Prover[] = [
  ["P-A", 1],
  ["P-B", 2],
  ["P-C", 3],
].map(([id, position]) => ({
  prover_id: String(id),
  serial: null,
  make: "Seraphin",
  size: "5 gal",
  next_calibration: null,
  calibration: "unknown",
  calibration_note: "The fleet page gives no date of the next calibration.",
  position: Number(position),
  preferred: ["Regular"],
  confirmed: true,
}));

export const runForm = (position: number, dispenser: string, change: Partial<RunForm> = {}): RunForm => ({
  position,
  dispenser,
  action: "create",
  entry_id: null,
  entry_url: null,
  running: false,
  verdict: null,
  reason: null,
  what_to_do: null,
  seconds: null,
  steps: [],
  evidence: null,
  ...change,
});

export const run = (forms: RunForm[], change: Partial<FormRun> = {}): FormRun => ({
  id: "run-1",
  batch_id: null,
  visit_id: 128719,
  work_id: 126604,
  store: "5106",
  form_type: "AccuMeasure",
  state: "running",
  asked_by: "you",
  asked_at: "2025-07-02T10:00:00Z",
  started_at: "2025-07-02T10:00:00Z",
  finished_at: null,
  seconds: null,
  error_kind: null,
  error_code: null,
  error_detail: null,
  error_action: null,
  forms,
  ...change,
});

export const step = (
  key: string,
  label: string,
  state: StepView["state"],
  wanted = "meter · 5 Gallon · P-A",
): StepView => ({ key, label, state, wanted, found: null });

export const batchVisit = (position: number, change: Partial<BatchVisit> = {}): BatchVisit => ({
  position,
  visit_id: 128700 + position,
  work_id: 126600 + position,
  store: "5106",
  chain: "Wawa",
  city: "Springfield",
  date: "2025-07-02",
  run_id: null,
  state: "waiting",
  reason: null,
  what_to_do: null,
  forms: 0,
  verified: 0,
  needs_person: 0,
  not_done: 0,
  seconds: null,
  ...change,
});

export const batch = (visits: BatchVisit[], change: Partial<Batch> = {}): Batch => ({
  id: "batch-1",
  name: "Week of Mon 30 Jun",
  state: "running",
  asked_by: "you",
  asked_at: "2025-07-02T10:00:00Z",
  started_at: "2025-07-02T10:00:00Z",
  finished_at: null,
  wake_at: null,
  wake_why: null,
  retry_of: null,
  error_kind: null,
  error_code: null,
  error_detail: null,
  error_action: null,
  eta_seconds: null,
  visits,
  actions: [],
  ...change,
});
