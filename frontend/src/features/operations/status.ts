/** The one sentence that says how FossaWork is doing. Pure. */
import type { AlertItem, Health, IncidentPage, SloReport } from "@/api/types";
import { calledWords, firingFor, isMuted } from "@/lib/alerts";
import { lasting } from "@/lib/figures";
import { capital, isTroubleOpen, priorityName, type Tone } from "@/lib/operations";
import { count, list } from "@/lib/words";
import { backupPart, partWords } from "./health";

const SOURCES = {
  health: "the health of the parts",
  alerts: "the alerts",
  incidents: "the incidents",
  slo: "the service levels",
};

export type Source = keyof typeof SOURCES;

export interface Situation {
  /** What was read last. Undefined: never. */
  health: Health | undefined;
  alerts: { firing: AlertItem[]; evaluated_at: string | null } | undefined;
  incidents: Pick<IncidentPage, "items"> | undefined;
  slo: Pick<SloReport, "items" | "unreadable"> | undefined;
  /** Of these, what could not be read anew, with the instant of which it is, in milliseconds. */
  old: Partial<Record<Source, number>>;
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
  const blind = unread(situation);
  const alertsRead = !blind.includes("alerts");
  const more = notes(situation, now, alertsRead ? [] : ["alerts"]);
  if (alertsRead && alerts?.evaluated_at === null)
    return said("unknown", "The alerts have not been evaluated since the start.", more);
  if (alertsRead && ageOf(alerts?.evaluated_at ?? "", now) > NOT_EVALUATED) {
    const age = roughly(ageOf(alerts?.evaluated_at ?? "", now));
    const blindness = "trouble would not be noticed";
    return said(
      "bad",
      `Nobody has evaluated the alerts for ${age}: ${blindness}.`,
      more,
      `Nobody evaluates the alerts: ${blindness}.`,
    );
  }
  const lead = alertsRead ? "No alert fires, but" : "The alerts could not be read, and";
  const trouble = troubleOf(health);
  if (trouble !== null) return said(trouble.tone, `${lead} ${trouble.words}.`, more);
  const open = situation.incidents?.items.find((incident) => isTroubleOpen(incident.status));
  if (open !== undefined) return said("warn", `${lead} ${open.id} is still open: ${open.title}.`, more);
  if (blind.length > 0) {
    const named = list(blind.map((source) => SOURCES[source]));
    return said(
      "unknown",
      `No trouble is known, but ${named} could not be read.`,
      notes(situation, now, blind),
    );
  }
  const objectives = objectiveTrouble(situation.slo);
  if (objectives !== null) return said("warn", objectives, more);
  const good = noBackup(health) ? "Everything works." : "All good.";
  return said("ok", `${good} ${lastIncident(situation.incidents, now)}`, more, good);
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
    alert.acknowledged_by !== null ? `${alert.acknowledged_by} looks after it` : calledWords(alert);
  const standing = `${priorityName(alert.priority)}, ${owner}.`;
  return said(
    alert.priority === "p3" ? "warn" : "bad",
    `${alert.title}, for ${roughly(firingFor(alert, now))}: ${standing}`,
    [
      ...(others > 0 ? [`${count(others, "more alert fires", "more alerts fire")}.`] : []),
      ...notes(situation, now),
    ],
    `${alert.title}: ${standing}`,
  );
}

/** What is old, silenced or missing, and what nobody would be told of: never left out, whatever the sentence is. */
function notes(situation: Situation, now: number, named: Source[] = []): string[] {
  const { alerts, health, old } = situation;
  const found: string[] = [];
  for (const source of unread(situation)) {
    const at = old[source];
    if (situation[source] !== undefined && at !== undefined)
      found.push(`What is known of ${SOURCES[source]} is ${roughly((now - at) / 1000)} old.`);
    else if (!named.includes(source)) found.push(`${capital(SOURCES[source])} could not be read.`);
  }
  const muted = alerts?.firing.filter(isMuted).length ?? 0;
  if (muted > 0) found.push(`${count(muted, "alert is", "alerts are")} silenced or explained by another.`);
  if (health !== undefined && !health.pages) found.push("This server itself would call nobody now.");
  if (noBackup(health)) found.push("There is no backup.");
  if (alerts?.evaluated_at != null && ageOf(alerts.evaluated_at, now) <= NOT_EVALUATED)
    found.push(`Alerts evaluated ${lasting(ageOf(alerts.evaluated_at, now))} ago.`);
  return found;
}

const noBackup = (health: Health | undefined): boolean =>
  health !== undefined && backupPart(health.components) === null;

function troubleOf(health: Health | undefined): { tone: Tone; words: string } | null {
  if (health === undefined || health.status === "ok") return null;
  const named = (state: string): string[] =>
    health.components.filter((part) => part.status === state).map((part) => partWords(part.name));
  const [failed, unknown, degraded] = [named("failed"), named("unknown"), named("degraded")];
  const parts = [
    failed.length > 0 ? `${list(failed)} ${failed.length === 1 ? "is" : "are"} broken` : null,
    unknown.length > 0 ? `${list(unknown)} could not be checked` : null,
    degraded.length > 0 ? `${list(degraded)} ${degraded.length === 1 ? "is" : "are"} degraded` : null,
  ].filter((part) => part !== null);
  const tone: Tone = health.status === "failed" ? "bad" : health.status === "unknown" ? "unknown" : "warn";
  return { tone, words: list(parts) };
}

/** What is not known as of now: nothing good is concluded from it. */
const unread = (situation: Situation): Source[] =>
  (Object.keys(SOURCES) as Source[]).filter(
    (source) =>
      situation[source] === undefined ||
      situation.old[source] !== undefined ||
      (source === "slo" && situation.slo?.unreadable.length !== 0),
  );

function objectiveTrouble(slo: Situation["slo"]): string | null {
  const of = (verdict: string): string[] =>
    slo?.items.filter((item) => item.verdict === verdict).map((item) => item.title.toLowerCase()) ?? [];
  const [breached, risk] = [of("breached"), of("at_risk")];
  if (breached.length + risk.length === 0) return null;
  const parts = [
    breached.length > 0 ? `the promise for ${list(breached)} is broken` : null,
    risk.length > 0 ? `the promise for ${list(risk)} is at risk` : null,
  ].filter((part) => part !== null);
  return `Everything works now; in the last 30 days ${list(parts)}.`;
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
