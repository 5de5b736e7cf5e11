/** How an alert stands with its people. Free of React. */
import type { AlertItem, EscalationLevel, EscalationRow, Kind, RuleView } from "@/api/types";
import { lasting } from "./figures";
import { roleName } from "./operations";
import { list } from "./words";

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

/** Why an alert is silent; what explains it is named by the title of its rule, where that is known. */
export function mutedWords(
  alert: Pick<AlertItem, "silenced" | "inhibited">,
  rules: Pick<RuleView, "id" | "title">[] | undefined,
): string {
  if (alert.silenced !== null) return alert.silenced;
  const cause = /^explained by (\w+)$/.exec(alert.inhibited ?? "")?.[1];
  const title = rules?.find((rule) => rule.id === cause)?.title;
  return title === undefined ? (alert.inhibited ?? "") : `explained by “${title}”`;
}

export interface Call {
  level: number;
  /** Called once more because nobody answered. */
  reminder: boolean;
  at: string;
}

/** Who was called, the first first. The server names the calls `L1`, `L2`, `L1-reminder`. */
export const callsOf = (alert: Pick<AlertItem, "levels">): Call[] =>
  Object.entries(alert.levels)
    .map(([key, at]) => ({
      level: Number(/\d+/.exec(key)?.[0] ?? 0),
      reminder: key.endsWith("-reminder"),
      at,
    }))
    .sort((a, b) => a.at.localeCompare(b.at) || a.level - b.level);

/**
 * `called the system administrator`, `nobody called yet`: how far the calling has come. The matrix names the role of each
 * level, and whether anybody stands there: a level without people was called in vain.
 */
export function calledWords(alert: Pick<AlertItem, "levels" | "kind">, matrix?: EscalationRow[]): string {
  const calls = callsOf(alert);
  if (calls.length === 0) return "nobody called yet";
  const level = Math.max(...calls.map((call) => call.level));
  const known = levelOf(alert.kind, level, matrix);
  if (known === null) return `called level ${level}`;
  const role = roleName(known.role);
  if (known.tells.length === 0) return `no ${role} to call`;
  return known.gap === null ? `called the ${role}` : `called ${list(known.tells)} for the ${role}`;
}

const levelOf = (kind: Kind, level: number, matrix?: EscalationRow[]): EscalationLevel | null =>
  matrix?.find((row) => row.kind === kind)?.levels.find((one) => one.level === level) ?? null;

/** `system administrator`: who stands at a level of the matrix for this kind of trouble; null while it is not known. */
export const roleOfLevel = (kind: Kind, level: number, matrix?: EscalationRow[]): string | null => {
  const known = levelOf(kind, level, matrix);
  return known === null ? null : roleName(known.role);
};
