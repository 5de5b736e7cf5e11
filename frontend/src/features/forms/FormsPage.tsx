import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { planQuery, runsQuery, visitQuery } from "@/api/queries";
import { BackLink } from "@/components/BackLink";
import { OpenSignedIn } from "@/components/OpenSignedIn";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useStreamState } from "@/lib/jobs";
import { hasCode } from "@/lib/problems";
import { isRunning } from "@/lib/runs";
import { storeLabel } from "@/lib/words";
import { BatchStart } from "./BatchStart";
import { EarlierRuns } from "./EarlierRuns";
import classes from "./FormsPage.module.css";
import { PlanView } from "./PlanView";
import { ReadingPortal } from "./ReadingPortal";
import { RunView } from "./RunView";
import { useVisitCheck, wasRead } from "./useVisitCheck";

const route = getRouteApi("/app/visits/$visitId/forms");

export function FormsPage() {
  const visitId = Number(route.useParams().visitId);
  const { run, batch } = route.useSearch();
  const order = useQuery(visitQuery(visitId));
  const columns = order.data?.location.columns ?? [];
  const card = order.data?.card;
  const back = (
    <BackLink
      to="/visits/$visitId"
      params={{ visitId: String(visitId) }}
      label={`Back to visit ${visitId}`}
    />
  );
  return (
    <>
      <PageHead
        title="Prepare forms"
        coverage={card && `${card.chain.name} ${storeLabel(card.store)} · visit ${visitId}`}
        back={back}
      />
      <div className={classes.root}>
        {order.error !== null && order.data === undefined ? (
          <ProblemPanel error={order.error} onRetry={() => order.refetch()} />
        ) : run !== undefined ? (
          <RunView key={run} runId={run} visitId={visitId} columns={columns} />
        ) : batch !== undefined ? (
          <BatchStart key={batch} batchId={batch} visitId={visitId} />
        ) : card === undefined ? (
          <ReadingPortal events={[]} quiet />
        ) : (
          // A visit without any known form was hardly ever read: then asking for its plan first would be in vain.
          <Preparation key={visitId} visitId={visitId} columns={columns} fresh={card.forms === null} />
        )}
        <OpenSignedIn visitId={visitId} />
        {order.data !== undefined && <EarlierRuns visitId={visitId} current={run ?? null} />}
      </div>
    </>
  );
}

interface Props {
  visitId: number;
  columns: string[];
  fresh: boolean;
}

/** Reading the portal, and the plan: everything before a run. Leads to the run when one is active already. */
function Preparation({ visitId, columns, fresh }: Props) {
  const navigate = useNavigate();
  const runs = useQuery(runsQuery(visitId));
  const check = useVisitCheck(visitId);
  const line = useStreamState();
  const unread = fresh && check.state !== "read" && !wasRead(visitId);
  const plan = useQuery({ ...planQuery(visitId), enabled: !unread && check.state !== "reading" });
  const asked = useRef(false);
  const toRun = (run: string, replace = false) =>
    navigate({
      to: "/visits/$visitId/forms",
      params: { visitId: String(visitId) },
      search: { run },
      replace,
    });

  const activeId = runs.data?.items.find((run) => isRunning(run.state))?.id;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a run that becomes active leads there
  useEffect(() => {
    if (activeId !== undefined) toRun(activeId, true);
  }, [activeId]);

  const mustRead = unread || hasCode(plan.error, "not_checked");
  const mayRead = check.state === "idle" && runs.isSuccess && activeId === undefined;
  const { read, settle } = check;
  // biome-ignore lint/correctness/useExhaustiveDependencies: reading only looks, so it starts by itself, once
  useEffect(() => {
    if (mustRead && mayRead && !asked.current) {
      asked.current = true;
      read();
    }
  }, [mustRead, mayRead]);

  // The end of a read comes by the event stream; while that line is down, a newer plan tells it.
  const reading = check.state === "reading";
  const { refetch } = plan;
  const readAt = plan.data?.checked_at;
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (!reading || line === "open") return;
    const timer = setInterval(() => refetch(), 5000);
    return () => clearInterval(timer);
  }, [reading, line, refetch]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: settle only ends the wait
  useEffect(() => {
    if (!reading) before.current = readAt;
    else if (readAt !== undefined && readAt !== before.current) settle();
  }, [reading, readAt]);

  if (check.state === "failed")
    return <ProblemPanel error={check.problem} retryLabel="Read again" onRetry={read} />;
  if (reading) return <ReadingPortal events={check.events} />;
  if (runs.error !== null && runs.data === undefined) {
    return <ProblemPanel error={runs.error} onRetry={() => runs.refetch()} />;
  }
  if (plan.data !== undefined && !unread) {
    return (
      <PlanView
        key={plan.data.digest}
        plan={plan.data}
        columns={columns}
        onRead={read}
        onStarted={(run) => toRun(run)}
      />
    );
  }
  if (plan.error !== null && !mustRead)
    return <ProblemPanel error={plan.error} onRetry={() => plan.refetch()} />;
  return <ReadingPortal events={check.events} quiet={!mustRead} />;
}
