import { Button } from "@mantine/core";
import { IconBeach, IconCircleCheck, IconPlugConnected, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useStartSync } from "@/api/mutations";
import { syncStatusQuery } from "@/api/queries";
import type { Week } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { LiveBar } from "@/components/LiveBar";
import { ProblemPanel } from "@/components/ProblemPanel";
import { ApiProblem } from "@/lib/problems";
import { dayDate } from "@/lib/time";
import { useMaybeUser } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./WeekNotes.module.css";

type Jump = (start: string) => void;

/** Nothing has been brought home yet: the first sync under way, failed, or still to be started. */
export function FirstSync() {
  const user = useMaybeUser();
  const { data: status } = useQuery(syncStatusQuery);
  const start = useStartSync();
  const running = status?.running ?? null;
  if (running !== null) {
    return (
      <section className={classes.live} aria-labelledby="first-sync">
        <h2 id="first-sync" className={classes.title}>
          Bringing your work home
        </h2>
        <p className="muted">
          The first sync reads the work list, then the equipment of every store. Your week appears here when
          it is complete.
        </p>
        <LiveBar
          label="First sync"
          sentence={running.progress ?? "Starting"}
          done={running.done}
          total={running.total}
        />
      </section>
    );
  }
  if (user?.link.state === "none") {
    return (
      <EmptyState
        icon={<IconPlugConnected />}
        title="No WorkFossa account is linked"
        action={
          <Button component={Link} to="/connect">
            Connect to WorkFossa
          </Button>
        }
      >
        FossaWork reads your work orders from the portal with your own account.
      </EmptyState>
    );
  }
  const last = status?.last ?? null;
  const failed =
    last?.state === "failed"
      ? new ApiProblem({
          type: "about:blank",
          title: "The first sync failed",
          status: 0,
          code: last.error_code ?? "sync_failed",
          kind: last.error_kind ?? "transient",
          detail: last.error_detail ?? "",
          action: last.error_action ?? "",
          reference: last.id,
          errors: [],
        })
      : null;
  const error = start.error ?? failed;
  if (error !== null) {
    return <ProblemPanel error={error} retryLabel="Sync now" onRetry={() => start.mutate({})} />;
  }
  return (
    <EmptyState
      icon={<IconRefresh />}
      title="Nothing synced yet"
      action={
        <Button
          loading={start.isPending}
          disabled={status?.can_run === false}
          onClick={() => start.mutate({})}
        >
          Sync now
        </Button>
      }
    >
      {status?.why_not ?? "The first sync brings your work orders, visits, stores and dispensers here."}
    </EmptyState>
  );
}

/** A week without visits, and where the next work is. */
export function FreeWeek({ week, onJump, compact = false }: { week: Week; onJump: Jump; compact?: boolean }) {
  const past = week.end < week.today;
  const { later_start: later } = week;
  return (
    <div className="card">
      <EmptyState
        compact={compact}
        {...(compact ? {} : { icon: <IconBeach /> })}
        title={past ? "No visits in this week" : compact ? "No visits yet" : "A free week"}
        action={
          later !== null && !past && !compact ? (
            <Button variant="default" onClick={() => onJump(later)}>
              Go to the week of {dayDate(later)}
            </Button>
          ) : undefined
        }
      >
        {past
          ? "Nothing was scheduled, or it was before the first sync."
          : later === null
            ? "The portal shows no later work either."
            : `The next work is in the week of ${dayDate(later)}: ${count(week.later_visits, "visit")}.`}
      </EmptyState>
    </div>
  );
}

/** Every visit of the week is done. */
export function WeekComplete({ week, onJump }: { week: Week; onJump: Jump }) {
  const { later_start: later } = week;
  return (
    <p className={classes.complete} role="status">
      <IconCircleCheck size={18} aria-hidden />
      <span>
        <strong>Week complete.</strong>{" "}
        {later === null
          ? "No later work is known yet."
          : `Next: ${count(week.later_visits, "visit")} from ${dayDate(later)}.`}
      </span>
      {later !== null && (
        <Button size="xs" variant="subtle" onClick={() => onJump(later)}>
          Go there
        </Button>
      )}
    </p>
  );
}
