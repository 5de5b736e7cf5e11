import { Button, Skeleton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { alertHistoryQuery } from "@/api/operations";
import type { AlertItem } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { PriorityMark } from "@/components/PriorityMark";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { firingFor, responseClock } from "@/lib/alerts";
import { serverNow } from "@/lib/clock";
import { lasting } from "@/lib/figures";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./AlertsPage.module.css";

/** Alerts that are over, the newest first. */
export default function HistoryView() {
  const history = useInfiniteQuery(alertHistoryQuery);
  const alerts = history.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title="Over" of={history} hint="newest first">
      {history.data === undefined ? (
        history.error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the history</span>
            <Skeleton height={320} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={history.error} onRetry={() => history.refetch()} level={3} />
        )
      ) : alerts.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="No alert has fired yet">
            Each one is kept here with what it rested on, who was called and who answered when.
          </EmptyState>
        </div>
      ) : (
        <>
          <ul className={classes.list}>
            {alerts.map((alert) => (
              <Past key={alert.id} alert={alert} />
            ))}
          </ul>
          {history.hasNextPage && (
            <div className={classes.more}>
              <Button
                variant="default"
                loading={history.isFetchingNextPage}
                onClick={() => history.fetchNextPage()}
              >
                Load more
              </Button>
            </div>
          )}
        </>
      )}
    </Section>
  );
}

function Past({ alert }: { alert: AlertItem }) {
  const zone = useZone();
  const clock = responseClock(alert, serverNow());
  return (
    <li className={classes.past}>
      <time dateTime={alert.fired_at ?? alert.pending_at} className={classes.when}>
        {instantText(alert.fired_at ?? alert.pending_at, zone)}
      </time>
      <PriorityMark priority={alert.priority} />
      <span>
        <Link
          to="/operations/alerts"
          search={{ view: "history", alert: alert.id }}
          resetScroll={false}
          className={classes.pastTitle}
        >
          {alert.title}
        </Link>{" "}
        <span className="muted">{alert.component}</span>
      </span>
      <span className={classes.took}>{lasting(firingFor(alert, serverNow()))}</span>
      <span className={classes.answer} data-late={clock.state === "late" || undefined}>
        {clock.words}
        {alert.flaps > 0 && `, came back ${alert.flaps === 1 ? "once" : `${alert.flaps} times`}`}
      </span>
    </li>
  );
}
