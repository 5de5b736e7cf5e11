import { Button, Skeleton } from "@mantine/core";
import { IconClipboardList, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { activeBatchesQuery } from "@/api/queries";
import { EmptyState } from "@/components/EmptyState";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useStreamState } from "@/lib/jobs";
import classes from "./BatchesPage.module.css";
import { queueOf } from "./batches";
import { History } from "./History";
import { Tracker } from "./Tracker";
import { Waiting } from "./Waiting";

const NewBatchDialog = lazy(() => import("./NewBatchDialog"));
const route = getRouteApi("/app/forms");

/** What is being prepared now, what waits, and what came of all before. */
export function BatchesPage() {
  const { new: wish } = route.useSearch();
  const navigate = useNavigate();
  const line = useStreamState();
  const active = useQuery(activeBatchesQuery);
  const { now, waiting } = queueOf(active.data?.items ?? []);
  const known = active.data !== undefined;
  return (
    <div className={classes.root}>
      <PageHead
        title="Forms"
        coverage={known ? `${now.length} running · ${waiting.length} waiting` : undefined}
      />
      <section aria-labelledby="now">
        <div className={classes.head}>
          <h2 id="now" className={classes.title}>
            Now
          </h2>
          {line === "waiting" && (
            <span className="muted" role="status">
              Live line lost, asking every few seconds
            </span>
          )}
          <Button
            className={classes.new}
            leftSection={<IconPlus size={16} aria-hidden />}
            renderRoot={(props) => <Link {...props} to="/forms" search={{ new: "choose" }} />}
          >
            New batch
          </Button>
        </div>
        {!known ? (
          active.error === null ? (
            <div aria-busy="true">
              <span className="visually-hidden">Loading what is being prepared</span>
              <Skeleton height={140} radius={10} />
            </div>
          ) : (
            <ProblemPanel error={active.error} onRetry={() => active.refetch()} />
          )
        ) : now.length > 0 ? (
          <div className={classes.stack}>
            {now.map((batch) => (
              <Tracker key={batch.id} batch={batch} />
            ))}
          </div>
        ) : (
          <div className="card">
            <EmptyState
              compact
              level={3}
              icon={<IconClipboardList size={26} stroke={1.4} />}
              title="Nothing is being prepared"
              action={
                <span className={classes.shortcuts}>
                  <Shortcut wish="today" words="Prepare today" />
                  <Shortcut wish="week" words="Prepare this week" />
                </span>
              }
            >
              A batch prepares the forms of several visits, one after the other.
            </EmptyState>
          </div>
        )}
      </section>
      {waiting.length > 0 && (
        <section aria-labelledby="waiting">
          <h2 id="waiting" className={classes.title}>
            Waiting
          </h2>
          <Waiting batches={waiting} ahead={now} />
        </section>
      )}
      <History />
      {wish !== undefined && (
        <Suspense fallback={null}>
          <NewBatchDialog wish={wish} onClose={() => navigate({ to: "/forms", search: {}, replace: true })} />
        </Suspense>
      )}
    </div>
  );
}

function Shortcut({ wish, words }: { wish: "today" | "week"; words: string }) {
  return (
    <Button variant="default" renderRoot={(props) => <Link {...props} to="/forms" search={{ new: wish }} />}>
      {words}
    </Button>
  );
}
