/** How an alert stands with its people. Free of React. */
import type { AlertCall, AlertItem, RuleView } from "@/api/types";
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

/** `the operations team`, `Ada Example for the security officer`: who a call went to, by the record made of it then. */
export function calleeOf(call: AlertCall): string | null {
  if (call.told?.length === 0) return null;
  const role = call.role === null ? `level ${call.level}` : `the ${roleName(call.role)}`;
  return call.gap === null || call.told === null ? role : `${list(call.told)} for ${role}`;
}

/** `called the system administrator`, `nobody called yet`: how far the calling has come. */
export function calledWords(alert: Pick<AlertItem, "calls">): string {
  const last = [...alert.calls].sort((a, b) => b.level - a.level)[0];
  if (last === undefined) return "nobody called yet";
  const callee = calleeOf(last);
  return callee === null
    ? `no ${last.role === null ? "contact" : roleName(last.role)} to call`
    : `called ${callee}`;
}
