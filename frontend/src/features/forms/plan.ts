/** What the plan table decides, free of React. */
import type {
  FormAction,
  FormPlan,
  FormRun,
  GradeChoice,
  GradePlan,
  Prover,
  RunForm,
  VisitPlan,
} from "@/api/types";
import { count } from "@/lib/words";

/** A person's own answers, by dispenser and grade; only what differs from the plan is kept. */
export type Choices = Record<string, { metered?: boolean; prover_id?: string }>;

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

export const isWritten = (action: FormAction): boolean =>
  action === "create" || action === "fill" || action === "resume";

/** What a grade will get: the person's choice where there is one, the plan's otherwise. */
export function effective(
  grade: GradePlan,
  dispenser: string,
  choices: Choices,
): { metered: boolean; proverId: string | null; changed: boolean } {
  const choice = choices[cellKey(dispenser, grade.grade)];
  return {
    metered: choice?.metered ?? grade.metered,
    proverId: choice?.prover_id ?? grade.prover_id,
    changed: choice !== undefined,
  };
}

/** Adds one choice; what equals the plan again is forgotten. */
export function choose(
  choices: Choices,
  dispenser: string,
  grade: GradePlan,
  change: { metered?: boolean; prover_id?: string },
): Choices {
  const key = cellKey(dispenser, grade.grade);
  const merged = { ...choices[key], ...change };
  if (merged.metered === grade.metered) delete merged.metered;
  if (merged.prover_id === grade.prover_id) delete merged.prover_id;
  const { [key]: _old, ...rest } = choices;
  return Object.keys(merged).length === 0 ? rest : { ...rest, [key]: merged };
}

/** The choices as the API takes them. */
export const asRequest = (choices: Choices): GradeChoice[] =>
  Object.entries(choices).map(([key, choice]) => {
    const [dispenser = "", grade = ""] = key.split("\n");
    return { dispenser, grade, metered: choice.metered ?? null, prover_id: choice.prover_id ?? null };
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
  plan.to_write > 0 ? `Prepare ${count(plan.to_write, "form")}` : "Nothing to prepare";

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

/** How far a run is, among the forms it writes: one counts when its verdict is there. */
export function progressOf(run: FormRun): { done: number; total: number; current: RunForm | null } {
  const written = run.forms.filter((form) => isWritten(form.action));
  return {
    done: written.filter((form) => form.verdict !== null).length,
    total: written.length,
    current: run.forms.find((form) => form.running) ?? null,
  };
}

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

/** `6 verified · 2 complete already · 1 needs you` */
export function verdictSummary(run: FormRun): string {
  const of = (verdict: RunForm["verdict"]): number =>
    run.forms.filter((form) => form.verdict === verdict).length;
  const person = of("needs_human");
  const parts = [
    person > 0 ? `${person} ${person === 1 ? "needs" : "need"} you` : null,
    of("verified") > 0 ? `${of("verified")} verified` : null,
    of("already_done") > 0 ? `${of("already_done")} complete already` : null,
    of("not_done") > 0 ? `${of("not_done")} not done` : null,
    of(null) > 0 ? `${of(null)} open` : null,
  ];
  return parts.filter((part) => part !== null).join(" · ") || "no forms";
}

/** The parts of a grade step's wanted words, `meter · … · 21-65435-04`; null when they are of another form. */
export function wantedParts(wanted: string): { metered: boolean; proverId: string } | null {
  const parts = wanted.split(" · ");
  const [meter] = parts;
  const prover = parts.at(-1);
  if (parts.length < 2 || prover === undefined || (meter !== "meter" && meter !== "no meter")) return null;
  return { metered: meter === "meter", proverId: prover };
}
