import { Skeleton } from "@mantine/core";
import { IconClockPause } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { batchQuery, runQuery } from "@/api/queries";
import type { Batch, BatchState, FormRun, RunState } from "@/api/types";
import { useNow } from "@/components/Ago";
import { LiveBar } from "@/components/LiveBar";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Steering } from "@/components/Steering";
import { standstill } from "@/lib/batches";
import { lasting } from "@/lib/figures";
import { useJobEvents, useStreamState } from "@/lib/jobs";
import { ApiProblem } from "@/lib/problems";
import { isRunning, progressOf, readingTotals, type Typing, typingOf, workWords } from "@/lib/runs";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./FormsPage.module.css";
import { secondsLeft } from "./plan";
import { ResultHead } from "./ResultHead";
import { RunTable } from "./RunTable";

interface Props {
  runId: string;
  visitId: number;
  columns: string[];
}

export function RunView({ runId, visitId, columns }: Props) {
  const { data: run, error, refetch } = useQuery(runQuery(runId));
  const typing = typingOf(useJobEvents(runId));
  if (run === undefined) {
    return error === null ? (
      <div className={classes.stack} aria-busy="true">
        <span className="visually-hidden">Loading the run</span>
        <Skeleton height={96} radius={10} />
        <Skeleton height={380} radius={10} />
      </div>
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} />
    );
  }
  const live = isRunning(run.state);
  return (
    <div className={classes.stack}>
      {live ? <LiveHead run={run} typing={typing} /> : <ResultHead run={run} visitId={visitId} />}
      {run.error_detail !== null && (
        <ProblemPanel
          error={
            new ApiProblem({
              type: "about:blank",
              title: "The run ended early",
              status: 0,
              code: run.error_code ?? "run_failed",
              kind: run.error_kind ?? "transient",
              detail: run.error_detail,
              action: run.error_action ?? "",
              reference: run.id,
              errors: [],
            })
          }
        />
      )}
      <RunTable run={run} columns={columns} live={live} typing={typing} />
    </div>
  );
}

const BATCH_STATE: Partial<Record<RunState, BatchState>> = {
  queued: "queued",
  pausing: "pausing",
  paused: "paused",
  stopping: "stopping",
};

/** Stands in for the batch until it is read, so that the buttons are in their place at once. */
const likely = (
  run: FormRun,
  id: string,
): Pick<Batch, "id" | "name" | "state" | "visits"> & Partial<Batch> => ({
  id,
  name: `visit ${run.visit_id}`,
  state: BATCH_STATE[run.state] ?? "running",
  visits: [],
});

function LiveHead({ run, typing }: { run: FormRun; typing: Typing | null }) {
  const now = useNow(1);
  const zone = useZone();
  const line = useStreamState();
  const found = useQuery({ ...batchQuery(run.batch_id ?? ""), enabled: run.batch_id !== null }).data;
  const batch = found ?? (run.batch_id === null ? null : likely(run, run.batch_id));
  const { done, total, current } = progressOf(run);
  const readings = readingTotals(run, typing);
  const elapsed =
    run.started_at === null ? 0 : Math.max(0, Math.floor((now - Date.parse(run.started_at)) / 1000));
  const alone = (found?.visits.length ?? 1) === 1;
  const left = (alone ? found?.eta_seconds : null) ?? secondsLeft(run);
  const why =
    batch === null
      ? null
      : standstill(
          { state: batch.state, wake_at: batch.wake_at ?? null, wake_why: batch.wake_why ?? null },
          zone,
        );
  const still = why !== null && batch?.state !== "pausing" && batch?.state !== "stopping";
  const work = workWords(run, typing);
  const facts = [
    run.started_at === null ? null : `${lasting(elapsed)} so far`,
    left === null || still ? null : `about ${lasting(Math.max(1, Math.round(left)))} left`,
    readings.total > 0 ? `${readings.done} of ${count(readings.total, "reading")}` : null,
    line === "waiting" ? "live line lost, asking every few seconds" : null,
  ];
  const sentence =
    run.state === "queued"
      ? "Waiting for a free browser"
      : run.state === "skipping"
        ? "Skipping before the next write"
        : still
          ? [
              `${done} of ${count(total, "form")} done`,
              ...facts.slice(2, 3).filter((fact) => fact !== null),
            ].join(" · ")
          : current !== null
            ? `Dispenser ${current.dispenser}${work === null ? "" : ` · ${work}`}`
            : done === total && total > 0
              ? "Looking at the visit once more"
              : "Opening the visit";
  return (
    <section className={classes.bar} data-live aria-label="Run">
      <div className={classes.what}>
        <h2 className={classes.headline}>
          Preparing {count(total, "form")} <span className={classes.code}>{run.form_type}</span>
        </h2>
        {why === null ? (
          <p className="muted num">
            {facts.filter((fact) => fact !== null).join(" · ") || "Not started yet"}
          </p>
        ) : (
          <p className={classes.still} role="status">
            <IconClockPause size={18} aria-hidden /> {why}
          </p>
        )}
      </div>
      {batch !== null && <Steering batch={batch} />}
      <div className={classes.progress}>
        <LiveBar label="Forms prepared" sentence={sentence} done={done} total={total} />
      </div>
    </section>
  );
}
