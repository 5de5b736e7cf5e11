import { Button } from "@mantine/core";
import { IconFileTypePdf, IconRotate, IconRotate2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useExportReport, useRetryBatch, useStartBatch } from "@/api/mutations";
import { batchQuery } from "@/api/queries";
import type { Batch, FormRun, RunState } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { hasUndone, isOver } from "@/lib/batches";
import { lasting } from "@/lib/figures";
import type { Tone } from "@/lib/operations";
import { verdictSummary } from "@/lib/runs";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./FormsPage.module.css";

const OUTCOMES: Partial<Record<RunState, { tone: Tone; words: string }>> = {
  finished: { tone: "ok", words: "Finished" },
  stopped: { tone: "warn", words: "Stopped" },
  skipped: { tone: "idle", words: "Skipped" },
  failed: { tone: "bad", words: "Ended early" },
};

/** What came of a run, its evidence as a file, and the ways to go on. */
export function ResultHead({ run, visitId }: { run: FormRun; visitId: number }) {
  const zone = useZone();
  const report = useExportReport(visitId);
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
          {run.seconds === null ? "" : ` · took ${lasting(run.seconds)}`} · {run.form_type}
        </p>
      </div>
      <div className={classes.actions}>
        <Button
          variant="default"
          leftSection={<IconFileTypePdf size={16} aria-hidden />}
          loading={report.isPending}
          onClick={() => report.mutate()}
        >
          Export PDF
        </Button>
        {run.batch_id !== null && <Again run={run} batchId={run.batch_id} visitId={visitId} />}
        <Button
          variant={person ? "filled" : "default"}
          renderRoot={(props) => (
            <Link {...props} to="/visits/$visitId/forms" params={{ visitId: String(visitId) }} search={{}} />
          )}
        >
          {person ? "Plan what is left" : "Back to the plan"}
        </Button>
      </div>
      {report.error !== null && (
        <div className={classes.progress}>
          <ProblemPanel error={report.error} title="The PDF could not be made" />
        </div>
      )}
    </section>
  );
}

/** Once more without looking at the plan. Of a larger batch only this visit is tried again here. */
function Again({ run, batchId, visitId }: { run: FormRun; batchId: string; visitId: number }) {
  const navigate = useNavigate();
  const { data: batch } = useQuery(batchQuery(batchId));
  const retry = useRetryBatch(batchId);
  const single = useStartBatch();
  const alone = batch === undefined || batch.visits.length === 1;
  const over = batch !== undefined && isOver(batch.state);
  const undone =
    batch !== undefined && (alone ? hasUndone(batch) : run.state !== "finished" || openForms(run));
  const follow = {
    onSuccess: (next: Batch) =>
      navigate({
        to: "/visits/$visitId/forms",
        params: { visitId: String(visitId) },
        search: { batch: next.id },
      }),
  };
  const error = retry.error ?? single.error;
  return (
    <>
      {undone && (
        <Button
          variant="default"
          leftSection={<IconRotate2 size={16} aria-hidden />}
          disabled={alone && !over}
          loading={
            (retry.isPending && retry.variables === "failed") ||
            (single.isPending && !single.variables.prove_again)
          }
          onClick={() =>
            alone
              ? retry.mutate("failed", follow)
              : single.mutate({ visits: [visitId], prove_again: false }, follow)
          }
        >
          Retry what failed
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconRotate size={16} aria-hidden />}
        disabled={alone && !over}
        loading={
          (retry.isPending && retry.variables === "all") || (single.isPending && single.variables.prove_again)
        }
        title="Reads the visit again and looks into every form once more; nothing is written twice"
        onClick={() =>
          alone
            ? retry.mutate("all", follow)
            : single.mutate({ visits: [visitId], prove_again: true }, follow)
        }
      >
        Retry from the start
      </Button>
      {error !== null && (
        <div className={classes.progress}>
          <ProblemPanel error={error} />
        </div>
      )}
    </>
  );
}

const openForms = (run: FormRun): boolean =>
  run.forms.some((form) => form.verdict !== "verified" && form.verdict !== "already_done");
