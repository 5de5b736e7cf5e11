import { Button, Skeleton } from "@mantine/core";
import { IconPlayerStop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useStopRun } from "@/api/mutations";
import { isRunning, runQuery } from "@/api/queries";
import type { FormRun, RunState } from "@/api/types";
import { useNow } from "@/components/Ago";
import { LiveBar } from "@/components/LiveBar";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot, type Tone } from "@/components/StatusDot";
import { useStreamState } from "@/lib/jobs";
import { ApiProblem } from "@/lib/problems";
import { duration, instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./FormsPage.module.css";
import { progressOf, secondsLeft, verdictSummary } from "./plan";
import { RunTable } from "./RunTable";

interface Props {
  runId: string;
  visitId: number;
  columns: string[];
}

export function RunView({ runId, visitId, columns }: Props) {
  const { data: run, error, refetch } = useQuery(runQuery(runId));
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
      {live ? <LiveHead run={run} /> : <ResultHead run={run} visitId={visitId} />}
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
      <RunTable run={run} columns={columns} live={live} />
    </div>
  );
}

function LiveHead({ run }: { run: FormRun }) {
  const now = useNow(1);
  const stop = useStopRun(run.id);
  const line = useStreamState();
  const { done, total, current } = progressOf(run);
  const elapsed =
    run.started_at === null ? 0 : Math.max(0, Math.floor((now - Date.parse(run.started_at)) / 1000));
  const left = secondsLeft(run);
  const stopping = run.state === "stopping";
  const sentence =
    run.state === "queued"
      ? "Waiting for a free browser"
      : stopping
        ? "Stopping after the form under way"
        : current !== null
          ? `Dispenser ${current.dispenser}`
          : "Opening the visit";
  return (
    <section className={classes.bar} aria-label="Run">
      <div className={classes.what}>
        <h2 className={classes.headline}>
          Preparing {count(total, "form")} <span className={classes.code}>{run.form_type}</span>
        </h2>
        <p className="muted num">
          {duration(elapsed)} so far
          {left === null ? "" : ` · about ${duration(Math.max(1, Math.round(left)))} left`}
          {line === "waiting" && " · live line lost, asking every few seconds"}
        </p>
      </div>
      <Button
        variant="default"
        leftSection={<IconPlayerStop size={16} aria-hidden />}
        onClick={() => stop.mutate()}
        loading={stop.isPending}
        disabled={stopping}
      >
        {stopping ? "Stopping" : "Stop"}
      </Button>
      <div className={classes.progress}>
        <LiveBar label="Forms prepared" sentence={sentence} done={done} total={total} />
      </div>
      {stop.error !== null && <ProblemPanel error={stop.error} />}
    </section>
  );
}

const OUTCOMES: Partial<Record<RunState, { tone: Tone; words: string }>> = {
  finished: { tone: "ok", words: "Finished" },
  stopped: { tone: "warn", words: "Stopped" },
  failed: { tone: "bad", words: "Ended early" },
};

function ResultHead({ run, visitId }: { run: FormRun; visitId: number }) {
  const zone = useZone();
  const person = run.forms.some((form) => form.verdict === "needs_human" || form.verdict === "not_done");
  const outcome = OUTCOMES[run.state] ?? { tone: "idle" as const, words: run.state };
  const tone = run.state === "finished" && person ? "warn" : outcome.tone;
  return (
    <section className={classes.bar} aria-label="Result">
      <div className={classes.what}>
        <h2 className={classes.headline}>
          <StatusDot tone={tone}>
            {run.state === "finished" && person ? "Finished, and some need you" : outcome.words}
          </StatusDot>
        </h2>
        <p className="num">{verdictSummary(run)}</p>
        <p className="muted">
          {run.finished_at === null ? "" : instantText(run.finished_at, zone)}
          {run.seconds === null ? "" : ` · took ${duration(run.seconds)}`} · {run.form_type}
        </p>
      </div>
      <Button
        variant={person ? "filled" : "default"}
        renderRoot={(props) => (
          <Link {...props} to="/visits/$visitId/forms" params={{ visitId: String(visitId) }} search={{}} />
        )}
      >
        {person ? "Plan what is left" : "Back to the plan"}
      </Button>
    </section>
  );
}
