import type { Batch } from "@/api/types";
import { StatusDot } from "@/components/StatusDot";
import { Steering } from "@/components/Steering";
import { batchState, batchSummary, standstill } from "@/lib/batches";
import { lasting } from "@/lib/figures";
import { useZone } from "@/lib/useUser";
import classes from "./BatchesPage.module.css";
import { startsIn } from "./batches";
import { VisitRows } from "./VisitRows";

const about = (seconds: number): string => `about ${lasting(Math.max(1, Math.round(seconds)))}`;

/** What does not run: in the order of its turn, why, and when it is expected to start. */
export function Waiting({ batches, ahead }: { batches: Batch[]; ahead: Batch[] }) {
  const zone = useZone();
  const starts = startsIn(batches, ahead);
  return (
    <ol className={classes.stack}>
      {batches.map((batch, index) => {
        const { tone, words } = batchState(batch);
        const start = starts[index] ?? null;
        const facts = [
          batchSummary(batch),
          start === null || start === 0 ? null : `starts in ${about(start)}`,
          batch.eta_seconds === null ? null : `takes ${about(batch.eta_seconds)}`,
        ];
        return (
          <li key={batch.id} className={classes.item}>
            <div className={classes.itemHead}>
              <div>
                <h3 className={classes.name}>
                  <span className={classes.place}>{index + 1}.</span> {batch.name}{" "}
                  <StatusDot tone={tone}>{words}</StatusDot>
                </h3>
                <p className="muted num">{facts.filter((fact) => fact !== null).join(" · ")}</p>
              </div>
              <Steering batch={batch} skip={false} />
            </div>
            <p className={classes.why} data-tone={tone}>
              {standstill(batch, zone)}
            </p>
            <details className={classes.details}>
              <summary>Visits</summary>
              <VisitRows batch={batch} steer />
            </details>
          </li>
        );
      })}
    </ol>
  );
}
