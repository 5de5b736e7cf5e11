/** What the queue screen decides, free of React. */
import type { Batch, BatchVisit, FormRun, RunForm } from "@/api/types";
import { isAtWork } from "@/lib/batches";
import { isReadings } from "@/lib/runs";

/** What is worked on, and what waits in the order in which it was asked for. */
export function queueOf(batches: Batch[]): { now: Batch[]; waiting: Batch[] } {
  const byAge = [...batches].sort((a, b) => a.asked_at.localeCompare(b.asked_at) || a.id.localeCompare(b.id));
  return {
    now: byAge.filter((batch) => isAtWork(batch.state)),
    waiting: byAge.filter((batch) => !isAtWork(batch.state)),
  };
}

/**
 * Seconds until each waiting batch has its turn: what is before it must end first. Null where something before it has
 * no measured time, or where a person or the portal decides when it goes on.
 */
export function startsIn(waiting: Batch[], ahead: Batch[]): (number | null)[] {
  let sum: number | null = 0;
  for (const batch of ahead)
    sum = sum === null || batch.eta_seconds === null ? null : sum + batch.eta_seconds;
  return waiting.map((batch) => {
    if (batch.state !== "queued") return null;
    const own: number | null = sum;
    sum = sum === null || batch.eta_seconds === null ? null : sum + batch.eta_seconds;
    return own;
  });
}

export const currentVisit = (batch: Batch): BatchVisit | null =>
  batch.visits.find((visit) => visit.state === "running") ?? null;

export type FormMark = "waiting" | "running" | "proven" | "person" | "left";

const MARKS = {
  verified: "proven",
  already_done: "proven",
  needs_human: "person",
  not_done: "left",
} as const satisfies Record<NonNullable<RunForm["verdict"]>, FormMark>;

/** Each form of a run as one mark, with how much of it is written. */
export const formMarks = (run: FormRun): { dispenser: string; mark: FormMark; share: number }[] =>
  run.forms.map((form) => {
    const written = form.steps.filter((step) => step.state === "written" || step.state === "verified").length;
    return {
      dispenser: form.dispenser,
      mark: form.verdict !== null ? MARKS[form.verdict] : form.running ? "running" : "waiting",
      share: form.verdict !== null ? 1 : form.steps.length === 0 ? 0 : written / form.steps.length,
    };
  });

/** Groups of readings that are in, of all groups of a form. */
export const groupsDone = (form: RunForm): { done: number; total: number } => {
  const groups = form.steps.filter(isReadings);
  return {
    done: groups.filter((step) => step.state === "written" || step.state === "verified").length,
    total: groups.length,
  };
};
