/** The strip of probes: runs of steps that say the same. Pure. */
import type { ProbeStep } from "@/api/types";

export type ProbeState = "good" | "bad" | "maintenance" | "unknown";

export interface ProbeRun {
  state: ProbeState;
  from: number;
  to: number;
  steps: number;
  good: number;
  bad: number;
  maintenance: number;
}

/** A step with one bad probe is bad; one without any probe is unknown, not good. */
export function probeState(step: Pick<ProbeStep, "good" | "bad" | "maintenance">): ProbeState {
  if (step.bad > 0) return "bad";
  if (step.maintenance > 0) return "maintenance";
  return step.good > 0 ? "good" : "unknown";
}

/** Neighbouring steps of the same state as one run. Times in milliseconds. */
export function probeRuns(steps: ProbeStep[], stepSeconds: number): ProbeRun[] {
  const runs: ProbeRun[] = [];
  for (const step of steps) {
    const from = Date.parse(step.at);
    const state = probeState(step);
    const last = runs.at(-1);
    if (last !== undefined && last.state === state) {
      last.to = from + stepSeconds * 1000;
      last.steps += 1;
      last.good += step.good;
      last.bad += step.bad;
      last.maintenance += step.maintenance;
    } else {
      const { good, bad, maintenance } = step;
      runs.push({ state, from, to: from + stepSeconds * 1000, steps: 1, good, bad, maintenance });
    }
  }
  return runs;
}

export interface ProbeTotals {
  good: number;
  bad: number;
  maintenance: number;
  /** Share of the time in which no probe was made at all. */
  unknown: number;
}

export function probeTotals(runs: ProbeRun[]): ProbeTotals {
  const sum = (of: (run: ProbeRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const steps = sum((run) => run.steps);
  return {
    good: sum((run) => run.good),
    bad: sum((run) => run.bad),
    maintenance: sum((run) => run.maintenance),
    unknown: steps === 0 ? 1 : sum((run) => (run.state === "unknown" ? run.steps : 0)) / steps,
  };
}
