import { Fragment } from "react";
import type { SyncRun } from "@/api/types";
import { CopyText } from "@/components/CopyText";
import { ScrollRegion } from "@/components/ScrollRegion";
import { StatusDot } from "@/components/StatusDot";
import { lasting } from "@/lib/figures";
import { kindWords } from "@/lib/kinds";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./SyncPage.module.css";
import { stateWords } from "./words";

const figure = (value: number | null) =>
  value === null ? (
    <span className={classes.nothing} title="Not reached">
      –
    </span>
  ) : (
    value
  );

const locations = ({ counts }: SyncRun) => {
  if (counts.locations_total === null) return figure(null);
  const failed = counts.locations_failed ?? 0;
  return (
    <>
      {counts.locations_read ?? 0}/{counts.locations_total}
      {failed > 0 && <span className={classes.failed}> {failed} failed</span>}
    </>
  );
};

export function SyncHistory({ runs }: { runs: SyncRun[] }) {
  const zone = useZone();
  return (
    <ScrollRegion className={classes.scroll} label="Sync history">
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Result</th>
            <th scope="col" className={classes.right}>
              Took
            </th>
            <th scope="col" className={classes.right}>
              Orders
            </th>
            <th scope="col" className={classes.right}>
              New
            </th>
            <th scope="col" className={classes.right}>
              Changed
            </th>
            <th scope="col" className={classes.right}>
              Missing
            </th>
            <th scope="col" className={classes.right}>
              Stores read
            </th>
            <th scope="col" className={classes.right}>
              Dispensers
            </th>
            <th scope="col">Asked by</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => {
            const { tone, words } = stateWords(run.state);
            const { counts } = run;
            return (
              <Fragment key={run.id}>
                <tr>
                  <td className={classes.when}>
                    <time dateTime={run.asked_at}>{instantText(run.asked_at, zone)}</time>
                  </td>
                  <td>
                    <StatusDot tone={tone}>{words}</StatusDot>
                  </td>
                  <td className={classes.right}>{run.seconds === null ? "" : lasting(run.seconds)}</td>
                  <td className={classes.right}>{figure(counts.work_orders)}</td>
                  <td className={classes.right}>{figure(counts.added)}</td>
                  <td className={classes.right}>{figure(counts.changed)}</td>
                  <td className={classes.right}>{figure(counts.missing)}</td>
                  <td className={classes.right}>{locations(run)}</td>
                  <td className={classes.right}>{figure(counts.dispensers)}</td>
                  <td className={classes.who}>{run.asked_by}</td>
                </tr>
                {run.error_detail !== null && (
                  <tr className={classes.errorRow}>
                    <td colSpan={10}>
                      <div className={classes.error}>
                        <span className={classes.kind} data-tone={tone}>
                          {kindWords(run.error_kind)}
                        </span>
                        <span className={classes.errorText}>
                          {run.error_detail} <strong>{run.error_action}</strong>
                        </span>
                        <CopyText label="Reference" text={run.id} />
                      </div>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
