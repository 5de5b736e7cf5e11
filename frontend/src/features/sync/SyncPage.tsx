import { Button, Checkbox, Skeleton, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useStartSync } from "@/api/mutations";
import { syncStatusQuery, syncsQuery } from "@/api/queries";
import type { SyncRun, SyncStatus } from "@/api/types";
import { Ago } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { useMaybeUser, useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import { SyncHistory } from "./SyncHistory";
import classes from "./SyncPage.module.css";
import { SyncRunning } from "./SyncRunning";
import { stateWords } from "./words";

export function SyncPage() {
  const status = useQuery(syncStatusQuery);
  const history = useInfiniteQuery(syncsQuery);
  const runs = history.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className={classes.root}>
      <PageHead title="Sync" />
      {status.data !== undefined ? (
        <StatusPanel status={status.data} />
      ) : status.error !== null ? (
        <ProblemPanel error={status.error} onRetry={() => status.refetch()} />
      ) : (
        <Skeleton height={112} radius={10} />
      )}
      <section aria-labelledby="history">
        <h2 id="history" className={classes.title}>
          History
        </h2>
        {history.data === undefined ? (
          history.error === null ? (
            <div aria-busy="true">
              <Skeleton height={320} radius={10} />
            </div>
          ) : (
            <ProblemPanel error={history.error} onRetry={() => history.refetch()} />
          )
        ) : runs.length === 0 ? (
          <div className="card">
            <EmptyState compact title="No sync has run yet">
              Each sync is kept here with what it brought, how long it took and what went wrong.
            </EmptyState>
          </div>
        ) : (
          <>
            <SyncHistory runs={runs} />
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
      </section>
    </div>
  );
}

const brought = (run: SyncRun): string => {
  const { counts } = run;
  const parts = [
    counts.work_orders === null ? null : count(counts.work_orders, "work order"),
    counts.locations_total === null ? null : count(counts.locations_total, "location"),
    counts.dispensers === null ? null : count(counts.dispensers, "dispenser"),
  ].filter((part) => part !== null);
  return parts.join(", ");
};

function StatusPanel({ status }: { status: SyncStatus }) {
  const zone = useZone();
  const user = useMaybeUser();
  const start = useStartSync();
  const [everything, setEverything] = useState(false);
  const { running, last } = status;

  const acceptEmpty = () =>
    modals.openConfirmModal({
      title: "Take the empty list as true?",
      children: (
        <Text size="md">
          The next sync then marks every open work order as no longer in the portal's list. Nothing is
          deleted; what the portal shows again comes back.
        </Text>
      ),
      labels: { confirm: "Sync with the empty list", cancel: "Not now" },
      onConfirm: () => start.mutate({ acceptEmpty: true }),
    });

  if (running !== null) return <SyncRunning run={running} />;
  const state = last === null ? null : stateWords(last.state);
  return (
    <section className={classes.status} aria-label="Status">
      <div className={classes.now}>
        <p className={classes.headline}>
          {last === null || state === null ? (
            <StatusDot tone="idle">Never synced</StatusDot>
          ) : (
            <StatusDot tone={state.tone}>
              {last.state === "failed"
                ? "The last sync failed"
                : last.state === "partial"
                  ? "The last sync is complete but for some stores"
                  : "Up to date"}
            </StatusDot>
          )}
        </p>
        <p className="muted">
          {status.last_success_at === null ? (
            "No complete work list has been read yet."
          ) : (
            <>
              Last complete read <Ago instant={status.last_success_at} zone={zone} />
              {last !== null && last.state !== "failed" && brought(last) !== "" ? `: ${brought(last)}` : ""}
            </>
          )}
        </p>
        {!status.can_run && status.why_not !== null && (
          <p className={classes.why}>
            {status.why_not} {user?.link.state === "none" && <Link to="/connect">Connect to WorkFossa</Link>}
          </p>
        )}
      </div>
      <div className={classes.run}>
        <Button
          leftSection={<IconRefresh size={16} aria-hidden />}
          disabled={!status.can_run}
          loading={start.isPending}
          onClick={() => start.mutate({ everything })}
        >
          Sync now
        </Button>
        <Checkbox
          size="xs"
          label="Read every store's equipment again"
          checked={everything}
          disabled={!status.can_run}
          onChange={(event) => setEverything(event.currentTarget.checked)}
        />
      </div>
      {start.error !== null && (
        <div className={classes.wide}>
          <ProblemPanel error={start.error} />
        </div>
      )}
      {last?.state === "failed" && (
        <div className={classes.failure}>
          <p>
            {last.error_detail} <strong>{last.error_action}</strong>
          </p>
          {last.error_code === "list_empty" && status.can_run && (
            <Button size="xs" variant="default" onClick={acceptEmpty}>
              The list really is empty
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
