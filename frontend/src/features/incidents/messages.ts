/** Messages by template: what they will say. Pure. */
import { capital, plain } from "@/lib/operations";

const LABELS: Record<string, string> = {
  incident: "Incident",
  title: "Title",
  priority: "Priority",
  status: "State",
  time: "Time",
  started: "Began",
  detected: "Detected",
  duration: "Lasts",
  services: "Affected parts",
  symptoms: "What is seen",
  user_impact: "Impact on users",
  business_impact: "Impact on the business",
  commander: "In charge",
  next_update: "Next update",
  done: "Done so far",
  doing: "What is done now",
  reason: "Why",
  expertise: "What is needed",
  root_cause: "Cause",
  review: "Review by",
  workaround: "What people can do meanwhile",
  prevention: "What keeps it from coming back",
  data: "Which data",
  contact: "Whom to ask",
  people: "Number of people",
  consequences: "Likely consequences",
  from_time: "From",
  to_time: "To",
  version: "Version",
  changes: "What changes",
  rollback: "Way back",
  checks: "What was checked",
  previous: "Version before",
};

export const fieldLabel = (name: string): string => LABELS[name] ?? capital(plain(name));

/** Fields that are a line; the others are a few sentences. */
const SHORT = new Set([
  "incident",
  "title",
  "priority",
  "status",
  "time",
  "started",
  "detected",
  "duration",
  "services",
  "commander",
  "next_update",
  "review",
  "people",
  "from_time",
  "to_time",
  "version",
  "previous",
  "contact",
]);

export const isShort = (name: string): boolean => SHORT.has(name);

export interface Piece {
  text: string;
  /** The field that these words stand for, when it is empty. */
  missing: boolean;
}

/** A template's text with its fields filled in; what is empty is named in its place. */
export function filled(text: string, fields: Record<string, string>): Piece[] {
  return text.split(/(\{\w+\})/).flatMap((part): Piece[] => {
    if (part === "") return [];
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return [{ text: part, missing: false }];
    const value = fields[name]?.trim() ?? "";
    return [
      value === ""
        ? { text: fieldLabel(name).toLowerCase(), missing: true }
        : { text: value, missing: false },
    ];
  });
}

/** The template that fits a status best. */
export const templateFor = (status: string): string =>
  status === "resolved" || status === "reviewed"
    ? "resolution"
    : status === "declared"
      ? "declaration"
      : "status_update";
