/** How runs move on by live events, and how far they are. Free of React. */
import type { FormAction, FormRun, JobEvent, RunForm, StepState, StepView } from "@/api/types";

const OVER: ReadonlySet<string> = new Set(["skipped", "stopped", "finished", "failed"]);

/** True until the run has its end; a paused one goes on some time. */
export const isRunning = (state: string | undefined): boolean => state !== undefined && !OVER.has(state);

export const isWritten = (action: FormAction): boolean =>
  action === "create" || action === "fill" || action === "resume";

const STEP_STATES: ReadonlySet<unknown> = new Set<StepState>([
  "waiting",
  "writing",
  "written",
  "verified",
  "failed",
]);
const isStepState = (value: unknown): value is StepState => STEP_STATES.has(value);

/** A run with one step moved on, as an event tells it; the same run when the event is not about it. */
export function withStep(run: FormRun, event: JobEvent): FormRun {
  const { position, key, state } = event.data;
  if (!isStepState(state)) return run;
  return {
    ...run,
    state: run.state === "queued" ? "running" : run.state,
    forms: run.forms.map((form) =>
      form.position === position
        ? {
            ...form,
            running: true,
            steps: form.steps.map((step) => (step.key === key ? { ...step, state } : step)),
          }
        : form,
    ),
  };
}

export const isReadings = (step: StepView): boolean => step.key.startsWith("readings:");

/** A group's readings, from its step: which grade and side, and how many are wanted. */
export function groupOf(step: StepView): { grade: string; side: string; total: number } | null {
  if (!isReadings(step)) return null;
  const [, grade = step.label, side = ""] = /^(.*), side (\S+)$/.exec(step.label) ?? [];
  const total = Number.parseInt(step.wanted, 10);
  return { grade, side, total: Number.isFinite(total) ? total : 0 };
}

/** Where the typing of readings is: groups of a form are typed one after the other, and saved together. */
export interface Typing {
  position: number;
  /** All groups before it are typed; endless once the form's readings are being saved. */
  group: number;
  /** The reading of that group under way, from 1. */
  reading: number;
}

const groupNumber = (key: unknown): number | null => {
  const found = typeof key === "string" ? /^readings:(\d+)$/.exec(key)?.[1] : undefined;
  return found === undefined ? null : Number(found);
};

/** From the events of a run, which do not tell of every single reading; null while none is typed. */
export function typingOf(events: JobEvent[]): Typing | null {
  let typing: Typing | null = null;
  for (const { type, data } of events) {
    const { position, reading, state } = data;
    const group = groupNumber(data.key);
    if (typeof position !== "number") continue;
    if (type === "reading" && group !== null && typeof reading === "number") {
      typing = { position, group, reading };
    } else if (type === "step" && group !== null) {
      typing = state === "writing" ? null : { position, group: Number.POSITIVE_INFINITY, reading: 0 };
    } else if (type === "step" || type === "form") {
      // Typed and not saved is lost when a form is left, so it no longer counts.
      typing = null;
    }
  }
  return typing;
}

/** How many readings of a group are there: the one being typed does not count yet. */
export function groupFigure(
  step: StepView,
  position: number,
  typing: Typing | null,
): { done: number; typing: boolean } {
  const total = groupOf(step)?.total ?? 0;
  if (step.state === "written" || step.state === "verified") return { done: total, typing: false };
  const group = groupNumber(step.key);
  if (step.state !== "writing" || typing?.position !== position || group === null) {
    return { done: 0, typing: false };
  }
  if (group < typing.group) return { done: total, typing: false };
  return group === typing.group
    ? { done: Math.min(total, Math.max(0, typing.reading - 1)), typing: true }
    : { done: 0, typing: false };
}

/** How far a run is, among the forms it writes: one counts when its verdict is there. */
export function progressOf(run: FormRun): { done: number; total: number; current: RunForm | null } {
  const written = run.forms.filter((form) => isWritten(form.action));
  return {
    done: written.filter((form) => form.verdict !== null).length,
    total: written.length,
    current: run.forms.find((form) => form.running) ?? null,
  };
}

/** The step under way in words: `Regular, side 1: reading 3 of 5`, `Plus`; null when none is known. */
export function workWords(run: FormRun, typing: Typing | null): string | null {
  const form = run.forms.find((one) => one.running);
  if (form === undefined) return null;
  const writing = form.steps.filter((step) => step.state === "writing");
  const read =
    typing?.position === form.position
      ? writing.find((step) => groupNumber(step.key) === typing.group)
      : undefined;
  if (typing !== null && read !== undefined) {
    return `${read.label}: reading ${typing.reading} of ${groupOf(read)?.total ?? "?"}`;
  }
  const step = writing.find((one) => !isReadings(one)) ?? writing[0];
  if (step === undefined) return form.steps.some((one) => one.state === "written") ? "reading back" : null;
  return isReadings(step) ? "readings" : step.label;
}

/** Readings that are in so far, of all that the run prepares. */
export function readingTotals(run: FormRun, typing: Typing | null): { done: number; total: number } {
  let [done, total] = [0, 0];
  for (const form of run.forms.filter((one) => isWritten(one.action))) {
    for (const step of form.steps) {
      const group = groupOf(step);
      if (group === null) continue;
      total += group.total;
      done += groupFigure(step, form.position, typing).done;
    }
  }
  return { done, total };
}

const verdicts = (forms: RunForm[], verdict: RunForm["verdict"]): number =>
  forms.filter((form) => form.verdict === verdict).length;

/** `6 verified · 2 complete already · 1 needs you` */
export function verdictSummary({ forms }: FormRun): string {
  const of = (verdict: RunForm["verdict"]): number => verdicts(forms, verdict);
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
