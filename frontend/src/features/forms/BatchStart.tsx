import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { batchQuery } from "@/api/queries";
import type { BatchVisit } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { Steering } from "@/components/Steering";
import { isOver, standstill, VISIT_STATES } from "@/lib/batches";
import { useJobEvents } from "@/lib/jobs";
import { useZone } from "@/lib/useUser";
import classes from "./FormsPage.module.css";
import { ReadingPortal } from "./ReadingPortal";

/** A visit of a batch whose run does not exist yet: it waits, or its forms are being read. Leads to the run. */
export function BatchStart({ batchId, visitId }: { batchId: string; visitId: number }) {
  const navigate = useNavigate();
  const zone = useZone();
  const { data: batch, error, refetch } = useQuery(batchQuery(batchId));
  const events = useJobEvents(batchId);
  const visit = batch?.visits.find((one) => one.visit_id === visitId);
  const runId = visit?.run_id ?? null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a run that appears leads there
  useEffect(() => {
    if (runId === null) return;
    navigate({
      to: "/visits/$visitId/forms",
      params: { visitId: String(visitId) },
      search: { run: runId },
      replace: true,
    });
  }, [runId]);

  if (batch === undefined) {
    return error === null ? (
      <ReadingPortal events={[]} quiet />
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} />
    );
  }
  const ended = visit === undefined || isOver(batch.state) || !["waiting", "running"].includes(visit.state);
  if (ended) return <Ended visit={visit} visitId={visitId} />;
  const why = standstill(batch, zone);
  return (
    <div className={classes.stack}>
      <section className={classes.bar} data-live aria-label="Run">
        <div className={classes.what}>
          <h2 className={classes.headline}>{batch.name}</h2>
          <p className="muted" role="status">
            {why ?? (visit.state === "waiting" ? "Waiting for the visits before it." : "Reading the visit.")}
          </p>
        </div>
        <Steering batch={batch} />
      </section>
      <ReadingPortal events={events} quiet={visit.state === "waiting"} />
    </div>
  );
}

function Ended({ visit, visitId }: { visit: BatchVisit | undefined; visitId: number }) {
  const state = visit === undefined ? VISIT_STATES.stopped : VISIT_STATES[visit.state];
  return (
    <section className={classes.bar} aria-label="Result">
      <div className={classes.what}>
        <h2 className={classes.headline}>
          <StatusDot tone={state.tone}>{state.words}</StatusDot>
        </h2>
        {visit?.reason && <p>{visit.reason}</p>}
        {visit?.what_to_do && <p className="muted">{visit.what_to_do}</p>}
      </div>
      <Button
        renderRoot={(props) => (
          <Link {...props} to="/visits/$visitId/forms" params={{ visitId: String(visitId) }} search={{}} />
        )}
      >
        Look at the plan
      </Button>
    </section>
  );
}
