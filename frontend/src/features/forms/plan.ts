/** What the plan table decides, free of React. */
import type {
  FormAction,
  FormPlan,
  FormRun,
  GradePlan,
  PlanChoices,
  Prover,
  ReadingGroup,
  RunForm,
  StationType,
  TemplateReading,
  VisitPlan,
} from "@/api/types";
import { type Cut, cutText, type Span } from "@/lib/pieces";
import { count, list } from "@/lib/words";

/** A person's own answers about grades, by dispenser and grade; only what differs from the plan is kept. */
export type GradeChoices = Record<string, { metered?: boolean; prover_id?: string }>;

/** All that a person has decided otherwise than the plan. */
export interface Choices {
  grades: GradeChoices;
  /** By dispenser. */
  stations: Record<string, StationType>;
  /** Exactly these are ordered; null: the rules and the instructions decide. */
  dispensers: string[] | null;
  /** null: as the settings say. */
  readings: boolean | null;
}

export const NO_CHOICES: Choices = { grades: {}, stations: {}, dispensers: null, readings: null };

/** How many answers a person has given. */
export const countChoices = (choices: Choices): number =>
  Object.keys(choices.grades).length +
  Object.keys(choices.stations).length +
  (choices.dispensers === null ? 0 : 1) +
  (choices.readings === null ? 0 : 1);

export const cellKey = (dispenser: string, grade: string): string => `${dispenser}\n${grade}`;

/** The grades of all forms as columns: in the portal's own order as far as it is known, then as they come. */
export function gradeColumns(forms: { grades: string[] }[], known: readonly string[] = []): string[] {
  const all = [...new Set(forms.flatMap((form) => form.grades))];
  const place = (grade: string): number => {
    const at = known.indexOf(grade);
    return at < 0 ? known.length + all.indexOf(grade) : at;
  };
  return all.sort((a, b) => place(a) - place(b));
}

/** What a grade will get: the person's choice where there is one, the plan's otherwise. */
export function effective(
  grade: GradePlan,
  dispenser: string,
  choices: GradeChoices,
): { metered: boolean; proverId: string | null; changed: boolean } {
  const choice = choices[cellKey(dispenser, grade.grade)];
  return {
    metered: choice?.metered ?? grade.metered,
    proverId: choice?.prover_id ?? grade.prover_id,
    changed: choice !== undefined,
  };
}

/** Adds one choice; what equals the plan without choices again is forgotten, where that is known. */
export function choose(
  choices: GradeChoices,
  dispenser: string,
  grade: Pick<GradePlan, "grade"> & Partial<Pick<GradePlan, "metered" | "prover_id">>,
  change: { metered?: boolean; prover_id?: string },
): GradeChoices {
  const key = cellKey(dispenser, grade.grade);
  const merged = { ...choices[key], ...change };
  if (merged.metered === grade.metered) delete merged.metered;
  if (merged.prover_id === grade.prover_id) delete merged.prover_id;
  const { [key]: _old, ...rest } = choices;
  return Object.keys(merged).length === 0 ? rest : { ...rest, [key]: merged };
}

/** The choices as the API takes them. */
export const asRequest = (choices: Choices): PlanChoices => ({
  grades: Object.entries(choices.grades).map(([key, choice]) => {
    const [dispenser = "", grade = ""] = key.split("\n");
    return { dispenser, grade, metered: choice.metered ?? null, prover_id: choice.prover_id ?? null };
  }),
  stations: Object.entries(choices.stations).map(([dispenser, station]) => ({ dispenser, station })),
  dispensers: choices.dispensers,
  readings: choices.readings,
});

export const ACTION_WORDS: Record<FormAction, string> = {
  create: "Add a form",
  fill: "Fill an empty form",
  resume: "Go on with its form",
  done: "Complete already",
  ask: "Needs you",
};

/** `Prepare 8 forms`; what cannot be run says why not. */
export const prepareLabel = (plan: VisitPlan): string =>
  plan.questions.length > 0
    ? `Answer the ${plan.questions.length === 1 ? "question" : "questions"} first`
    : plan.to_write > 0
      ? `Prepare ${count(plan.to_write, "form")}`
      : "Nothing to prepare";

/** `8 dispensers · 4 to add · 1 to go on with · 2 complete · 1 needs you` */
export function planSummary(plan: VisitPlan): string {
  const parts = [
    count(plan.wanted, "form wanted", "forms wanted"),
    plan.to_create > 0 ? `${plan.to_create} to add` : null,
    plan.to_write - plan.to_create > 0 ? `${plan.to_write - plan.to_create} to fill` : null,
    plan.already_done > 0 ? `${plan.already_done} complete already` : null,
    plan.to_ask > 0 ? `${plan.to_ask} ${plan.to_ask === 1 ? "needs" : "need"} you` : null,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

/** Which sides and grades the order is limited to, in words. */
export function limitWords(form: FormPlan): string | null {
  const parts = [
    form.sides === null ? null : `Side ${form.sides.join(" and ")} only`,
    form.only_grades === null ? null : `${form.only_grades.join(", ")} only`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(" · ");
}

export const proverName = (provers: Prover[], id: string | null): string => {
  const prover = provers.find((one) => one.prover_id === id);
  if (id === null) return "no prover";
  return prover === undefined ? id : `P${prover.position}`;
};

/** Seconds a run still needs, by the mean of its finished forms; null while there is none to judge by. */
export function secondsLeft(run: FormRun): number | null {
  const timed = run.forms.filter(
    (form) => form.verdict !== null && form.seconds !== null && form.seconds > 0,
  );
  const open = run.forms.filter((form) => form.verdict === null).length;
  if (timed.length === 0 || open === 0) return null;
  return (timed.reduce((sum, form) => sum + (form.seconds ?? 0), 0) / timed.length) * open;
}

const URGENCY = { needs_human: 0, not_done: 1, verified: 2, already_done: 3 } as const;

/** A finished run's forms: what needs a person first, then in the run's own order. */
export const byUrgency = (forms: RunForm[]): RunForm[] =>
  [...forms].sort(
    (a, b) =>
      (a.verdict === null ? 1 : URGENCY[a.verdict]) - (b.verdict === null ? 1 : URGENCY[b.verdict]) ||
      a.position - b.position,
  );

/** The parts of a grade step's wanted words, `meter · … · 21-65435-04`; null when they are of another form. */
export function wantedParts(wanted: string): { metered: boolean; proverId: string } | null {
  const parts = wanted.split(" · ");
  const [meter] = parts;
  const prover = parts.at(-1);
  if (parts.length < 2 || prover === undefined || (meter !== "meter" && meter !== "no meter")) return null;
  return { metered: meter === "meter", proverId: prover };
}

// --- readings ---------------------------------------------------------------------------------------------------------

/** How many readings each side gets: `[["1", 16], ["2", 16]]`. */
export function readingsBySide(groups: ReadingGroup[]): [side: number, readings: number][] {
  const sides = new Map<number, number>();
  for (const group of groups) sides.set(group.side, (sides.get(group.side) ?? 0) + group.readings.length);
  return [...sides];
}

export const readingCount = (forms: FormPlan[]): number =>
  forms.reduce((sum, form) => sum + form.readings.reduce((all, group) => all + group.readings.length, 0), 0);

export interface ReadingBlock {
  /** `Regular, Diesel · sides 1 and 2` */
  where: string;
  metered: boolean;
  readings: TemplateReading[];
}

/** Groups that get the very same readings, told once. */
export function readingBlocks(groups: ReadingGroup[]): ReadingBlock[] {
  const blocks = new Map<
    string,
    { grades: Map<string, number[]>; metered: boolean; readings: TemplateReading[] }
  >();
  for (const group of groups) {
    const key = JSON.stringify([group.metered, group.readings]);
    const block = blocks.get(key) ?? { grades: new Map(), metered: group.metered, readings: group.readings };
    block.grades.set(group.grade, [...(block.grades.get(group.grade) ?? []), group.side]);
    blocks.set(key, block);
  }
  const sidesText = (sides: number[]): string =>
    `${sides.length === 1 ? "side" : "sides"} ${list(sides.map(String))}`;
  return [...blocks.values()].map(({ grades, metered, readings }) => {
    const all = [...grades];
    const same = all.every(([, sides]) => sides.join() === all[0]?.[1].join());
    const where = same
      ? `${all.map(([grade]) => grade).join(", ")} · ${sidesText(all[0]?.[1] ?? [])}`
      : all.map(([grade, sides]) => `${grade} ${sidesText(sides)}`).join(", ");
    return { where, metered, readings };
  });
}

// --- the instructions -------------------------------------------------------------------------------------------------

export type OrderMark =
  | { kind: "orders"; label: string }
  | { kind: "unclear"; label: string }
  | { kind: "question"; label: string };

/** The instructions, cut at the words that order a dispenser, at those that fit none, and at those in question. */
export function markedInstructions(
  plan: Pick<VisitPlan, "instructions" | "marks" | "unresolved" | "questions">,
): Cut<OrderMark>[] {
  const span = (start: number | null, end: number | null, value: OrderMark): Span<OrderMark>[] =>
    start === null || end === null || start >= end ? [] : [{ start, end, value }];
  // One place may order several dispensers: it is marked once and names them all.
  const orders = new Map<string, { start: number; end: number; names: string[] }>();
  for (const { dispenser, start, end } of plan.marks) {
    const key = `${start} ${end}`;
    const known = orders.get(key) ?? { start, end, names: [] };
    orders.set(key, { ...known, names: [...known.names, dispenser] });
  }
  return cutText(Array.from(plan.instructions ?? ""), [
    ...plan.unresolved.flatMap(({ start, end, why }) => span(start, end, { kind: "unclear", label: why })),
    ...[...orders.values()].flatMap(({ start, end, names }) =>
      span(start, end, { kind: "orders", label: `Orders ${list(names)}` }),
    ),
    ...plan.questions.flatMap(({ start, end, message }) =>
      span(start, end, { kind: "question", label: message }),
    ),
  ]);
}

/** Which dispensers the instructions name, in the location's own order: the proposal for a person's answer. */
export const namedDispensers = (plan: Pick<VisitPlan, "marks" | "dispensers" | "forms">): string[] => {
  const named = new Set(plan.marks.map((mark) => mark.dispenser));
  if (named.size === 0) for (const form of plan.forms) named.add(form.dispenser);
  return plan.dispensers.filter((dispenser) => named.has(dispenser));
};
