import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useSteerBatch } from "@/api/mutations";
import type { Batch, BatchVisit } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { isOver, VISIT_STATES } from "@/lib/batches";
import { lasting } from "@/lib/figures";
import { dayDate } from "@/lib/time";
import { storeLabel } from "@/lib/words";
import classes from "./VisitRows.module.css";

const figure = (visit: BatchVisit): string => {
  if (visit.forms === 0) return "";
  const rest = [
    visit.needs_person > 0
      ? `${visit.needs_person} ${visit.needs_person === 1 ? "needs" : "need"} you`
      : null,
    visit.not_done > 0 ? `${visit.not_done} not done` : null,
  ].filter((part) => part !== null);
  return [`${visit.verified}/${visit.forms} proven`, ...rest].join(" · ");
};

/** The visits of a batch in their order, each leading to its own forms page. */
export function VisitRows({ batch, steer = false }: { batch: Batch; steer?: boolean }) {
  const skip = useSteerBatch(batch.id);
  return (
    <>
      <ol className={classes.root}>
        {batch.visits.map((visit) => {
          const { tone, words } = VISIT_STATES[visit.state];
          const settled = isOver(batch.state) || !["waiting", "running"].includes(visit.state);
          return (
            <li key={visit.position} className={classes.row} data-state={visit.state}>
              <span className={classes.place}>{visit.position + 1}</span>
              <Link
                to="/visits/$visitId/forms"
                params={{ visitId: String(visit.visit_id) }}
                search={visit.run_id !== null ? { run: visit.run_id } : settled ? {} : { batch: batch.id }}
                className={classes.store}
              >
                {visit.chain} {storeLabel(visit.store)}
                <span className={classes.visit}>
                  {" "}
                  {visit.city === null ? "" : `${visit.city} · `}visit {visit.visit_id} ·{" "}
                  {dayDate(visit.date)}
                </span>
              </Link>
              <span className={classes.state}>
                <StatusDot tone={tone}>{words}</StatusDot>
              </span>
              <span className={classes.figure}>
                {figure(visit)}
                {visit.seconds === null ? "" : ` · ${lasting(visit.seconds)}`}
              </span>
              {steer && visit.state === "waiting" && !isOver(batch.state) && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  color="gray"
                  className={classes.skip}
                  loading={skip.isPending && skip.variables.visitId === visit.visit_id}
                  aria-label={`Skip visit ${visit.visit_id}`}
                  onClick={() => skip.mutate({ command: "skip", visitId: visit.visit_id })}
                >
                  Skip
                </Button>
              )}
              {visit.reason !== null && (
                <p className={classes.reason}>
                  {visit.reason} {visit.what_to_do !== null && <strong>{visit.what_to_do}</strong>}
                </p>
              )}
            </li>
          );
        })}
      </ol>
      {skip.error !== null && <ProblemPanel level={3} error={skip.error} />}
    </>
  );
}
