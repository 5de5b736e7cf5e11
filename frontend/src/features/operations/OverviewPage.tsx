import { Skeleton } from "@mantine/core";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { boardQuery, healthQuery, latestIncidentsQuery, probesQuery, sloQuery } from "@/api/operations";
import { useNow } from "@/components/Ago";
import { AlertRow } from "@/components/AlertRow";
import { AsOf } from "@/components/AsOf";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { isMuted } from "@/lib/alerts";
import { byServer } from "@/lib/clock";
import { asProblem } from "@/lib/problems";
import { count } from "@/lib/words";
import { HealthTree } from "./HealthTree";
import { Objectives } from "./Objectives";
import classes from "./OverviewPage.module.css";
import { ProbeBar } from "./ProbeBar";
import { type Source, statusSentence } from "./status";

/** What is broken, and what to do: everything an operator needs at three in the morning. */
export function OverviewPage() {
  const health = useQuery(healthQuery);
  const board = useQuery(boardQuery);
  const incidents = useQuery(latestIncidentsQuery);
  const slo = useQuery(sloQuery);
  const probes = useQuery(probesQuery);
  return (
    <div className={classes.root}>
      <PageHead title="Operations" coverage={<AsOf of={[health, board, incidents, slo, probes]} />} />
      <Status />
      <Firing />
      <div className={classes.columns}>
        <Objectives />
        <HealthTree />
      </div>
      <ProbeBar />
    </div>
  );
}

function Status() {
  const now = useNow(1);
  const health = useQuery(healthQuery);
  const board = useQuery(boardQuery);
  const incidents = useQuery(latestIncidentsQuery);
  const slo = useQuery(sloQuery);
  const sources: Record<Source, UseQueryResult> = { health, alerts: board, incidents, slo };
  if (Object.values(sources).some((query) => query.isPending && query.errorUpdateCount === 0)) {
    return (
      <div className={classes.status} aria-busy="true">
        <span className="visually-hidden">Asking how FossaWork is doing</span>
        <Skeleton height={22} width="min(34rem, 80%)" />
        <Skeleton height={14} width="min(20rem, 60%)" />
      </div>
    );
  }
  const said = statusSentence(
    {
      health: health.data,
      alerts: board.data,
      incidents: incidents.data,
      slo: slo.data,
      old: Object.fromEntries(
        Object.entries(sources)
          .filter(([, query]) => query.isRefetchError)
          .map(([source, query]) => [source, query.dataUpdatedAt]),
      ),
      answers: health.error === null || asProblem(health.error).code !== "unreachable",
      lastAnswerAt: health.dataUpdatedAt && byServer(health.dataUpdatedAt),
    },
    now,
  );
  return (
    <section className={classes.status} data-tone={said.tone} aria-label="Status">
      <p className="visually-hidden" role="status">
        {said.headline}
      </p>
      <p className={classes.sentence}>
        <span className={classes.lamp} aria-hidden />
        <span>{said.sentence}</span>
      </p>
      {said.more.length > 0 && <p className={classes.more}>{said.more.join(" ")}</p>}
    </section>
  );
}

function Firing() {
  const { data, error, refetch } = useQuery(boardQuery);
  if (data === undefined) {
    return error === null ? null : (
      <ProblemPanel error={error} title="The alerts could not be read" onRetry={() => refetch()} />
    );
  }
  const loud = data.firing.filter((alert) => !isMuted(alert));
  if (loud.length === 0) return null;
  const waiting = loud.filter((alert) => alert.phase === "firing").length;
  return (
    <Section
      title="Firing now"
      hint={waiting > 0 ? `${count(waiting, "alert waits", "alerts wait")} for somebody` : "all acknowledged"}
      card
    >
      <ul>
        {loud.map((alert) => (
          <AlertRow key={alert.id} alert={alert} />
        ))}
      </ul>
    </Section>
  );
}
