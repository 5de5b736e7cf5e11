/** The one sentence that says how FossaWork is doing. Pure. */
import type { AlertItem, EscalationRow, Health, IncidentPage, SloReport } from "@/api/types";
import { calledWords, firingFor, isMuted } from "@/lib/alerts";
import { lasting } from "@/lib/figures";
import { isTroubleOpen, plain, priorityName, type Tone } from "@/lib/operations";
import { count, list } from "@/lib/words";

export interface Situation {
  /** Undefined: not known yet, or not at all. */
  health: Health | undefined;
  alerts: { firing: AlertItem[]; evaluated_at: string | null } | undefined;
  incidents: Pick<IncidentPage, "items"> | undefined;
  slo: Pick<SloReport, "items" | "unreadable"> | undefined;
  matrix?: EscalationRow[] | undefined;
  /** Whether the server answered when it was asked last, and when it did, in milliseconds. */
  answers: boolean;
  lastAnswerAt: number;
}

export interface Said {
  tone: Tone;
  sentence: string;
  /** The same without what changes by the minute: read aloud when it changes. */
  headline: string;
  /** What is to be known besides, one short sentence each. */
  more: string[];
}

/** Seconds after which alerts that nobody has evaluated are news of their own: four rounds of 15 s. */
const NOT_EVALUATED = 60;

/** Without the seconds, once there are minutes: a large sentence must not tick. */
const roughly = (seconds: number): string => lasting(seconds < 60 ? seconds : Math.floor(seconds / 60) * 60);

const said = (tone: Tone, sentence: string, more: string[] = [], headline = sentence): Said => ({
  tone,
  sentence,
  headline,
  more,
});

const ageOf = (instant: string, now: number): number => (now - Date.parse(instant)) / 1000;

export function statusSentence(situation: Situation, now: number): Said {
  const { health, alerts } = situation;
  if (!situation.answers) return silent(situation, now);
  const loud = alerts?.firing.filter((alert) => !isMuted(alert)) ?? [];
  const worst = [...loud].sort(byUrgency)[0];
  if (worst !== undefined) return firing(worst, loud.length - 1, situation, now);
  const more = quietNotes(situation, now);
  if (alerts?.evaluated_at === null)
    return said("unknown", "The alerts have not been evaluated since the start.", more);
  if (alerts !== undefined && ageOf(alerts.evaluated_at ?? "", now) > NOT_EVALUATED) {
    const age = roughly(ageOf(alerts.evaluated_at ?? "", now));
    const blind = "trouble would not be noticed";
    return said(
      "bad",
      `Nobody has evaluated the alerts for ${age}: ${blind}.`,
      more,
      `Nobody evaluates the alerts: ${blind}.`,
    );
  }
  const trouble = troubleOf(health);
  if (trouble !== null) return said(trouble.tone, trouble.sentence, more);
  const open = situation.incidents?.items.find((incident) => isTroubleOpen(incident.status));
  if (open !== undefined)
    return said("warn", `No alert fires, but ${open.id} is still open: ${open.title}.`, more);
  const blind = blindSpots(situation);
  if (blind.length > 0)
    return said("unknown", `No trouble is known, but ${list(blind)} could not be read.`, more);
  const objectives = objectiveTrouble(situation.slo);
  if (objectives !== null) return said(objectives.tone, objectives.sentence, more);
  return said("ok", `All good. ${lastIncident(situation.incidents, now)}`, more, "All good.");
}

const byUrgency = (a: AlertItem, b: AlertItem): number =>
  a.priority.localeCompare(b.priority) ||
  (a.fired_at ?? a.pending_at).localeCompare(b.fired_at ?? b.pending_at);

function silent({ lastAnswerAt }: Situation, now: number): Said {
  const headline = "The server does not answer.";
  if (lastAnswerAt === 0) return said("bad", headline);
  const age = roughly((now - lastAnswerAt) / 1000);
  return said(
    "bad",
    `The server has not answered for ${age}.`,
    ["What is shown below is as old as that."],
    headline,
  );
}

function firing(alert: AlertItem, others: number, situation: Situation, now: number): Said {
  const owner =
    alert.acknowledged_by !== null
      ? `${alert.acknowledged_by} looks after it`
      : calledWords(alert, situation.matrix);
  const standing = `${priorityName(alert.priority)}, ${owner}.`;
  return said(
    alert.priority === "p3" ? "warn" : "bad",
    `${alert.title}, for ${roughly(firingFor(alert, now))}: ${standing}`,
    [
      ...(others > 0 ? [`${count(others, "more alert fires", "more alerts fire")}.`] : []),
      ...quietNotes(situation, now),
    ],
    `${alert.title}: ${standing}`,
  );
}

/** What is silenced, and what nobody would be told of: never left out, whatever the sentence is. */
function quietNotes({ alerts, health }: Situation, now: number): string[] {
  const muted = alerts?.firing.filter(isMuted).length ?? 0;
  const notes: string[] = [];
  if (muted > 0) notes.push(`${count(muted, "alert is", "alerts are")} silenced or explained by another.`);
  if (health !== undefined && !health.pages) notes.push("This server itself would call nobody now.");
  if (alerts?.evaluated_at != null && ageOf(alerts.evaluated_at, now) <= NOT_EVALUATED)
    notes.push(`Alerts evaluated ${lasting(ageOf(alerts.evaluated_at, now))} ago.`);
  return notes;
}

function troubleOf(health: Health | undefined): Pick<Said, "tone" | "sentence"> | null {
  if (health === undefined || health.status === "ok") return null;
  const named = (state: string): string[] =>
    health.components.filter((part) => part.status === state).map((part) => plain(part.name));
  const [failed, unknown, degraded] = [named("failed"), named("unknown"), named("degraded")];
  const parts = [
    failed.length > 0 ? `${list(failed)} ${failed.length === 1 ? "is" : "are"} broken` : null,
    unknown.length > 0 ? `${list(unknown)} could not be checked` : null,
    degraded.length > 0 ? `${list(degraded)} ${degraded.length === 1 ? "is" : "are"} degraded` : null,
  ].filter((part) => part !== null);
  const tone: Tone = health.status === "failed" ? "bad" : health.status === "unknown" ? "unknown" : "warn";
  return { tone, sentence: `No alert fires, but ${list(parts)}.` };
}

function blindSpots({ health, alerts, incidents, slo }: Situation): string[] {
  return [
    health === undefined ? "the health of the parts" : null,
    alerts === undefined ? "the alerts" : null,
    incidents === undefined ? "the incidents" : null,
    slo === undefined || slo.unreadable.length > 0 ? "the service levels" : null,
  ].filter((part) => part !== null);
}

function objectiveTrouble(slo: Situation["slo"]): Pick<Said, "tone" | "sentence"> | null {
  const of = (verdict: string): string[] =>
    slo?.items.filter((item) => item.verdict === verdict).map((item) => item.title.toLowerCase()) ?? [];
  const [breached, risk] = [of("breached"), of("at_risk")];
  if (breached.length + risk.length === 0) return null;
  const parts = [
    breached.length > 0 ? `the promise for ${list(breached)} is broken` : null,
    risk.length > 0 ? `the promise for ${list(risk)} is at risk` : null,
  ].filter((part) => part !== null);
  return { tone: "warn", sentence: `Everything works now; in the last 30 days ${list(parts)}.` };
}

function lastIncident(incidents: Situation["incidents"], now: number): string {
  const last = incidents?.items.find(
    (incident) => incident.status !== "false_positive" && incident.status !== "merged",
  );
  if (last === undefined) return "No incident is on record.";
  const age = ageOf(last.recovered_at ?? last.detected_at, now);
  const days = Math.floor(age / 86_400);
  return days === 0 ? `Last incident ${lasting(age)} ago.` : `Last incident ${count(days, "day")} ago.`;
}
