import { Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconRotate, IconRotate2 } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useRetryBatch } from "@/api/mutations";
import type { Batch } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { batchState, batchSummary, hasUndone } from "@/lib/batches";
import { lasting } from "@/lib/figures";
import { kindWords } from "@/lib/kinds";
import { notifyDone } from "@/lib/notify";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./BatchesPage.module.css";
import { VisitRows } from "./VisitRows";

const took = (batch: Batch): string => {
  if (batch.started_at === null || batch.finished_at === null) return "";
  return lasting(Math.max(0, (Date.parse(batch.finished_at) - Date.parse(batch.started_at)) / 1000));
};

/** One batch of the past: a line, and on demand its visits, who did what, and the ways to try again. */
export function HistoryItem({ batch }: { batch: Batch }) {
  const zone = useZone();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { tone, words } = batchState(batch);
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <li className={classes.past}>
      <button
        type="button"
        className={classes.line}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon size={16} aria-hidden className={classes.chevron} />
        <span className={classes.when}>{instantText(batch.asked_at, zone)}</span>
        <span className={classes.pastName}>{batch.name}</span>
        <StatusDot tone={tone}>{words}</StatusDot>
        <span className={classes.summary}>{batchSummary(batch)}</span>
        <span className={classes.took}>{took(batch)}</span>
      </button>
      {open && (
        <div id={id} className={classes.open}>
          <Detail batch={batch} />
        </div>
      )}
    </li>
  );
}

function Detail({ batch }: { batch: Batch }) {
  const zone = useZone();
  const retry = useRetryBatch(batch.id);
  const again = (what: "failed" | "all") =>
    retry.mutate(what, { onSuccess: (next) => notifyDone(`“${next.name}” is in the queue again.`) });
  return (
    <>
      {batch.error_detail !== null && (
        <p className={classes.failure}>
          <b>{kindWords(batch.error_kind)}:</b> {batch.error_detail} <strong>{batch.error_action}</strong>
        </p>
      )}
      <VisitRows batch={batch} />
      <div className={classes.again}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRotate2 size={15} aria-hidden />}
          disabled={!hasUndone(batch)}
          loading={retry.isPending && retry.variables === "failed"}
          onClick={() => again("failed")}
        >
          Retry what failed
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRotate size={15} aria-hidden />}
          loading={retry.isPending && retry.variables === "all"}
          onClick={() => again("all")}
        >
          Retry from the start
        </Button>
        <span className="muted">
          Both plan each visit anew on what the portal shows then; nothing is written twice.
        </span>
      </div>
      {retry.error !== null && <ProblemPanel level={3} error={retry.error} />}
      <details className={classes.details}>
        <summary>Who did what</summary>
        <ul className={classes.actions}>
          {batch.actions.map((action) => (
            <li key={`${action.at} ${action.action}`}>
              <time dateTime={action.at}>{instantText(action.at, zone, true)}</time> {action.who}:{" "}
              {action.action}
              {action.detail === null ? "" : `, ${action.detail}`}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
