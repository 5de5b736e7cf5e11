/** How an alert stands with its people. Free of React. */
import type { AlertItem, EscalationRow, Kind } from "@/api/types";
import { lasting } from "./figures";
import { plain } from "./operations";

export interface Clock {
  state: "none" | "running" | "over" | "answered" | "late" | "unanswered";
  words: string;
}

type Timed = Pick<
  AlertItem,
  "phase" | "fired_at" | "acknowledged_at" | "answer_by" | "answered_in_time" | "resolved_at"
>;

const between = (from: string, to: string | number): number =>
  ((typeof to === "number" ? to : Date.parse(to)) - Date.parse(from)) / 1000;

/** Whether somebody answered in the time that the priority allows, or how much of it is left. */
export function responseClock(alert: Timed, now: number): Clock {
  const { fired_at, answer_by, acknowledged_at } = alert;
  if (fired_at === null || answer_by === null) return { state: "none", words: "" };
  if (acknowledged_at !== null) {
    const took = lasting(between(fired_at, acknowledged_at));
    return alert.answered_in_time === false
      ? {
          state: "late",
          words: `answered after ${took}, ${lasting(between(answer_by, acknowledged_at))} late`,
        }
      : { state: "answered", words: `answered after ${took}` };
  }
  if (alert.phase === "resolved") return { state: "unanswered", words: "ended unanswered" };
  const left = between(answer_by, now);
  return left < 0
    ? { state: "running", words: `answer within ${lasting(-left)}` }
    : { state: "over", words: `unanswered, ${lasting(left)} over time` };
}

/** How long it has been firing (or did fire), in seconds; of a pending one since it was first seen. */
export const firingFor = (
  alert: Pick<AlertItem, "fired_at" | "pending_at" | "resolved_at">,
  now: number,
): number => Math.max(0, between(alert.fired_at ?? alert.pending_at, alert.resolved_at ?? now));

export const isMuted = (alert: Pick<AlertItem, "silenced" | "inhibited">): boolean =>
  alert.silenced !== null || alert.inhibited !== null;

/** Who was called, the first level first. */
export const levelsOf = (alert: Pick<AlertItem, "levels">): { level: string; at: string }[] =>
  Object.entries(alert.levels)
    .map(([level, at]) => ({ level, at }))
    .sort((a, b) => a.at.localeCompare(b.at));

/** `called the system admin`, `nobody called yet`: how far the calling has come. The matrix names the role of each level. */
export function calledWords(alert: Pick<AlertItem, "levels" | "kind">, matrix?: EscalationRow[]): string {
  const last = levelsOf(alert).at(-1);
  if (last === undefined) return "nobody called yet";
  const role = roleOfLevel(alert.kind, Number(last.level), matrix);
  return role === null ? `called level ${last.level}` : `called the ${role}`;
}

/** `system admin`: who stands at a level of the escalation matrix for this kind of trouble; null while the matrix is not known. */
export const roleOfLevel = (kind: Kind, level: number, matrix?: EscalationRow[]): string | null => {
  const role = matrix?.find((row) => row.kind === kind)?.levels.find((one) => one.level === level)?.role;
  return role === undefined ? null : plain(role);
};
