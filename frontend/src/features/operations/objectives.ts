/** Service levels in words. Pure. */
import type { BurnRate, Slo, SloVerdict } from "@/api/types";
import { amount, percent, times } from "@/lib/figures";
import type { Tone } from "@/lib/operations";

export const VERDICTS: Record<SloVerdict, { tone: Tone; words: string }> = {
  met: { tone: "ok", words: "met" },
  at_risk: { tone: "warn", words: "at risk" },
  breached: { tone: "bad", words: "broken" },
  no_data: { tone: "unknown", words: "no data" },
};

/** Below this share of the budget the rest is little. */
const LITTLE = 0.25;

export interface BudgetLook {
  state: "unknown" | "good" | "little" | "gone";
  /** Share of the bar that is filled, 0 to 1. */
  fill: number;
  words: string;
}

/** What the budget bar shows. An objective without a verdict has no good budget, whatever its few events say. */
export function budgetLook(slo: Pick<Slo, "verdict" | "budget">): BudgetLook {
  const { left } = slo.budget;
  if (slo.verdict === "no_data" || left === null) return { state: "unknown", fill: 0, words: "no data" };
  if (left < 0) return { state: "gone", fill: 1, words: `overspent by ${percent(-left, 0)}` };
  if (left === 0) return { state: "gone", fill: 1, words: "used up" };
  return {
    state: left < LITTLE ? "little" : "good",
    fill: Math.min(1, left),
    words: `${percent(left, 0)} left`,
  };
}

/** `99.93 %`, or that too little is known. */
export const measuredWords = (slo: Pick<Slo, "verdict" | "ratio">): string =>
  slo.ratio === null ? "no data" : percent(slo.ratio);

/** How fast the budget burns in the last hour, in words. */
export function burnNow(burn: BurnRate[]): { words: string; high: boolean } {
  const hour = burn.find((tier) => tier.long_seconds === 3600);
  const rate = hour?.long_rate ?? null;
  return { words: rate === null ? "no data" : times(rate), high: burn.some((tier) => tier.firing) };
}

export const TIERS: Record<string, string> = {
  fast: "Fast",
  slow: "Slow",
  day: "A day",
  three_days: "Three days",
};

/** `3 of 216 min`, `12 of 80 events` of the budget. */
export function budgetUse(slo: Pick<Slo, "budget">): string {
  const { allowed, used, minutes } = slo.budget;
  if (minutes !== null && allowed > 0)
    return `${amount((used / allowed) * minutes)} of ${amount(minutes)} min used`;
  return `${amount(used)} bad of ${amount(allowed)} allowed`;
}
