import type { JobEvent } from "@/api/types";
import type { Step } from "@/components/Steps";

/** The phases of a job as steps: heard ones are done, the newest is under way, a failure marks the one it hit. */
export function stepsFrom(phases: readonly { key: string; label: string }[], events: JobEvent[]): Step[] {
  const heard = events.filter((event) => event.type === "phase").map((event) => String(event.data.phase));
  const newest = heard.at(-1);
  const reached = phases.findIndex((phase) => phase.key === newest);
  const failure = events.find((event) => event.type === "failed");
  const finished = events.some((event) => event.type === "finished");
  return phases.map(({ key, label }, index) => {
    if (finished || index < reached) return { key, label, tone: "done" };
    const isNewest = index === Math.max(0, reached);
    if (!isNewest) return { key, label, tone: "waiting" };
    return failure === undefined ? { key, label, tone: "active" } : { key, label, tone: "failed" };
  });
}

/** What a `failed` event says, for a problem panel. */
export function failureOf(
  events: JobEvent[],
): { code: string; detail: string; action: string; kind: string } | null {
  const event = events.find((one) => one.type === "failed");
  if (event === undefined) return null;
  const text = (value: unknown): string => (typeof value === "string" ? value : "");
  return {
    code: text(event.data.code),
    detail: text(event.data.detail) || event.message,
    action: text(event.data.action),
    kind: text(event.data.kind),
  };
}
