/** What happened to an alert, and how quiet is asked for. Pure. */
import { capital, plain } from "@/lib/operations";
import { addDays } from "@/lib/time";
import { wallTime } from "@/lib/zoned";

const EVENTS: Record<string, string> = {
  fired: "Fired",
  again: "Fired again",
  raised: "Became more urgent",
  resolved: "Over",
  acknowledged: "Acknowledged",
  called: "Called",
  silenced: "Silenced",
  unsilenced: "Silence over",
  inhibited: "Explained by another alert",
  uninhibited: "No longer explained by another",
  watcher_called: "The watcher called somebody",
  watcher_call_failed: "The watcher reached nobody",
  watcher_outage: "The watcher saw the outage",
  watcher_over: "The watcher saw its end",
};

export const eventWords = (what: string): string => EVENTS[what] ?? capital(plain(what));

/** What of an alert's evidence is shown as its figures: everything but what the page says in other places. */
export const evidenceOf = (evidence: Record<string, unknown>): [string, unknown][] =>
  Object.entries(evidence).filter(([name]) => name !== "words");

export interface Quick {
  label: string;
  /** The end as a clock on the wall shows it. */
  until: string;
}

const HOUR = 3_600_000;

/** Ends of a silence that are often wanted, the longest just below what the server allows. */
export function quickEnds(now: number, zone: string): Quick[] {
  const tomorrow = addDays(wallTime(now, zone).slice(0, 10), 1);
  return [
    { label: "1 h", until: wallTime(now + HOUR, zone) },
    { label: "4 h", until: wallTime(now + 4 * HOUR, zone) },
    { label: "Tomorrow 8:00", until: `${tomorrow}T08:00` },
    { label: "7 days", until: wallTime(now + 7 * 24 * HOUR - 60_000, zone) },
  ];
}
