/** How an incident has come along, in steps and against its objectives. Pure. */
import type { FiguresView, Incident, IncidentChange, IncidentStatus } from "@/api/types";
import { lasting } from "@/lib/figures";
import { isIncidentOver, type Tone } from "@/lib/operations";

export const STEPS: readonly IncidentStatus[] = [
  "detected",
  "declared",
  "acknowledged",
  "contained",
  "investigating",
  "recovering",
  "resolved",
  "reviewed",
  "closed",
];

type Stamped = Pick<
  Incident,
  | "status"
  | "detected_at"
  | "declared_at"
  | "acknowledged_at"
  | "contained_at"
  | "recovered_at"
  | "reviewed_at"
  | "closed_at"
>;

const STAMPS: Partial<Record<IncidentStatus, keyof Stamped>> = {
  detected: "detected_at",
  declared: "declared_at",
  acknowledged: "acknowledged_at",
  contained: "contained_at",
  resolved: "recovered_at",
  reviewed: "reviewed_at",
  closed: "closed_at",
};

export type StepLook = "passed" | "skipped" | "now" | "ahead";

export interface StepOf {
  status: IncidentStatus;
  look: StepLook;
  at: string | null;
}

/** The way of an incident. A step that has no time of its own was passed when the story says so; otherwise it was left out. */
export function stepsOf(incident: Stamped & Pick<Incident, "timeline">): StepOf[] {
  const place = STEPS.indexOf(incident.status);
  return STEPS.map((status, index) => {
    const stamp = STAMPS[status];
    const at = stamp === undefined ? null : incident[stamp];
    const look: StepLook =
      index === place
        ? "now"
        : at !== null
          ? "passed"
          : index > place
            ? "ahead"
            : incident.timeline.some(({ kind, text }) => kind === "status" && text.includes(`→ ${status}`))
              ? "passed"
              : "skipped";
    return { status, look, at };
  });
}

/** Of the statuses that it may go to: the step that usually comes next; null when there is none. */
export const usualNext = (next: IncidentStatus[]): IncidentStatus | null =>
  next.find((status) => STEPS.includes(status)) ?? null;

/** What a person does when they choose a status. */
export const MOVES: Record<IncidentStatus, string> = {
  detected: "Detected",
  declared: "Declare",
  acknowledged: "Acknowledge",
  contained: "Mark as contained",
  investigating: "Investigate",
  recovering: "Begin recovery",
  resolved: "Mark as recovered",
  reviewed: "Mark as reviewed",
  closed: "Close",
  false_positive: "It was a false alarm",
  merged: "Merge into another",
};

export interface FigureLine {
  name: string;
  words: string;
  aim: string;
  tone: Tone;
}

const tone = (met: boolean | null): Tone => (met === null ? "busy" : met ? "ok" : "bad");

/** The times of an incident beside what they should be; what has not come yet counts up. */
export function figureLines(
  incident: Pick<Incident, "status" | "detected_at"> & { figures: FiguresView },
  now: number,
): FigureLine[] {
  const { figures } = incident;
  const sofar = (now - Date.parse(incident.detected_at)) / 1000;
  const over = isIncidentOver(incident.status);
  const words = (seconds: number | null): string =>
    seconds !== null ? lasting(seconds) : over ? "never" : `${lasting(sofar)} so far`;
  return [
    { name: "To detect", words: lasting(figures.to_detect), aim: "", tone: "idle" },
    {
      name: "To acknowledge",
      words: words(figures.to_acknowledge),
      aim: `within ${lasting(figures.acknowledge_within)}`,
      tone: tone(figures.response_met),
    },
    {
      name: "To contain",
      words: figures.to_contain === null ? "not said" : lasting(figures.to_contain),
      aim: "",
      tone: "idle",
    },
    {
      name: "To recover",
      words: words(figures.to_recover),
      aim: `within ${lasting(figures.recover_within)}`,
      tone: tone(figures.recovery_met),
    },
  ];
}

export type Texts = Pick<
  Incident,
  | "title"
  | "priority"
  | "kind"
  | "responders"
  | "services"
  | "user_impact"
  | "business_impact"
  | "root_cause"
  | "contributing"
  | "whys"
  | "went_well"
  | "went_badly"
  | "lessons"
  | "procedures_updated"
> & { commander: string };

export const textsOf = (incident: Incident): Texts => ({
  title: incident.title,
  priority: incident.priority,
  kind: incident.kind,
  commander: incident.commander ?? "",
  responders: incident.responders,
  services: incident.services,
  user_impact: incident.user_impact,
  business_impact: incident.business_impact,
  root_cause: incident.root_cause,
  contributing: incident.contributing,
  whys: incident.whys,
  went_well: incident.went_well,
  went_badly: incident.went_badly,
  lessons: incident.lessons,
  procedures_updated: incident.procedures_updated,
});

/** Only what was changed is sent, so that what somebody else wrote meanwhile stays. */
export function changesOf(before: Texts, after: Texts): IncidentChange {
  const changed = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Texts]),
  );
  const change = Object.fromEntries(changed) as IncidentChange;
  if (change.whys !== undefined && change.whys !== null)
    change.whys = change.whys.map((why) => why.trim()).filter((why) => why !== "");
  return change;
}
