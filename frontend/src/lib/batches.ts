/** What batches are doing, in words, and how live events move them on. Free of React. */
import type { Batch, BatchState, BatchVisit, JobEvent, VisitState } from "@/api/types";
import { instantText } from "./time";
import { count } from "./words";

export const OVER_BATCH = ["finished", "stopped", "failed"] as const satisfies readonly BatchState[];
export const ACTIVE_BATCH = [
  "running",
  "pausing",
  "stopping",
  "queued",
  "waiting",
  "paused",
] as const satisfies readonly BatchState[];

export const isOver = (state: BatchState): boolean => (OVER_BATCH as readonly BatchState[]).includes(state);

/** True while somebody works on it; the others wait for their turn, for the portal or for a person. */
export const isAtWork = (state: BatchState): boolean =>
  state === "running" || state === "pausing" || state === "stopping";

export const mayPause = (state: BatchState): boolean =>
  state === "queued" || state === "running" || state === "waiting";
export const mayResume = (state: BatchState): boolean =>
  state === "paused" || state === "pausing" || state === "waiting";
export const mayStop = (state: BatchState): boolean => !isOver(state) && state !== "stopping";

export type BatchTone = "ok" | "warn" | "bad" | "busy" | "idle";

const needPerson = (batch: Pick<Batch, "visits">): boolean =>
  batch.visits.some((visit) => visit.state === "needs_person" || visit.state === "failed");

/** The state as a short word with its tone. */
export function batchState(batch: Pick<Batch, "state" | "visits">): { tone: BatchTone; words: string } {
  switch (batch.state) {
    case "queued":
      return { tone: "idle", words: "Waiting for its turn" };
    case "running":
      return { tone: "busy", words: "Running" };
    case "pausing":
      return { tone: "busy", words: "Pausing" };
    case "paused":
      return { tone: "warn", words: "Paused" };
    case "waiting":
      return { tone: "warn", words: "Waiting" };
    case "stopping":
      return { tone: "busy", words: "Stopping" };
    case "stopped":
      return { tone: "warn", words: "Stopped" };
    case "failed":
      return { tone: "bad", words: "Ended early" };
    case "finished":
      return needPerson(batch)
        ? { tone: "warn", words: "Finished, some need you" }
        : { tone: "ok", words: "Finished" };
  }
}

/** Why a batch does not go on right now, and until when; null while it works or is over. */
export function standstill(
  batch: Pick<Batch, "state" | "wake_at" | "wake_why">,
  zone: string,
): string | null {
  switch (batch.state) {
    case "queued":
      return "Waiting for its turn: one account works on one thing at a time.";
    case "pausing":
      return "Pausing before the next write to the portal.";
    case "paused":
      return "Paused. Nothing is written until you resume it.";
    case "stopping":
      return "Stopping before the next write to the portal.";
    case "waiting": {
      const until =
        batch.wake_at === null ? "" : ` Goes on by itself at ${instantText(batch.wake_at, zone)}.`;
      return `${batch.wake_why ?? "Waiting."}${until}`;
    }
    default:
      return null;
  }
}

export const VISIT_STATES: Record<VisitState, { tone: BatchTone; words: string }> = {
  waiting: { tone: "idle", words: "Waiting" },
  running: { tone: "busy", words: "Under way" },
  done: { tone: "ok", words: "Done" },
  needs_person: { tone: "warn", words: "Needs you" },
  skipped: { tone: "idle", words: "Skipped" },
  stopped: { tone: "warn", words: "Stopped" },
  failed: { tone: "bad", words: "Failed" },
};

/** `5 visits · 38 of 40 forms proven · 2 need you` */
export function batchSummary(batch: Pick<Batch, "visits">): string {
  const sum = (of: (visit: BatchVisit) => number): number =>
    batch.visits.reduce((total, visit) => total + of(visit), 0);
  const [forms, proven] = [sum((visit) => visit.forms), sum((visit) => visit.verified)];
  const person = sum((visit) => visit.needs_person);
  const notDone = sum((visit) => visit.not_done);
  const undecided = batch.visits.filter(
    (visit) => visit.state === "needs_person" && visit.forms === 0,
  ).length;
  const parts = [
    count(batch.visits.length, "visit"),
    forms > 0 ? `${proven} of ${count(forms, "form")} proven` : null,
    person > 0 ? `${person} ${person === 1 ? "needs" : "need"} you` : null,
    notDone > 0 ? `${notDone} not done` : null,
    undecided > 0 ? `${count(undecided, "visit")} to decide` : null,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

/** Visits that have come to their end, of all. */
export const visitsDone = (batch: Pick<Batch, "visits">): number =>
  batch.visits.filter((visit) => visit.state !== "waiting" && visit.state !== "running").length;

/** True when trying again could bring something. */
export const hasUndone = (batch: Pick<Batch, "visits">): boolean =>
  batch.visits.some((visit) => visit.state !== "done");

const BATCH_STATES: ReadonlySet<unknown> = new Set<BatchState>([...ACTIVE_BATCH, ...OVER_BATCH]);
const isBatchState = (value: unknown): value is BatchState => BATCH_STATES.has(value);
const isVisitState = (value: unknown): value is VisitState =>
  typeof value === "string" && value in VISIT_STATES;

/** A batch as an event of it tells; the same one when the event says nothing of its state or visits. */
export function withBatchEvent(batch: Batch, event: JobEvent): Batch {
  if (event.job_id !== batch.id) return batch;
  const { state, position } = event.data;
  if (event.type === "visit") {
    if (!isVisitState(state)) return batch;
    return {
      ...batch,
      visits: batch.visits.map((visit) =>
        // Its run is known by its id before it exists, so that is left to the next answer.
        visit.position === position ? { ...visit, state } : visit,
      ),
    };
  }
  return isBatchState(state) && state !== batch.state ? { ...batch, state } : batch;
}
