import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { incidentsQuery } from "@/api/operations";
import type { IncidentItem, IncidentPage } from "@/api/types";
import { AsOf } from "@/components/AsOf";
import { EmptyState } from "@/components/EmptyState";
import { PageHead } from "@/components/PageHead";
import { PriorityMark } from "@/components/PriorityMark";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { lasting } from "@/lib/figures";
import { INCIDENT_STATUS, isIncidentOver, KINDS } from "@/lib/operations";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./IncidentsPage.module.css";

const NewIncidentDialog = lazy(() => import("./NewIncidentDialog"));
const route = getRouteApi("/app/operations/incidents");

/** What went wrong, how fast it was over, and what is still owed for it. */
export function IncidentsPage() {
  const { only, new: asks } = route.useSearch();
  const navigate = useNavigate();
  const incidents = useInfiniteQuery(incidentsQuery(only === "open"));
  const pages = incidents.data?.pages;
  const items = pages?.flatMap((page) => page.items) ?? [];
  return (
    <div className={classes.root}>
      <PageHead title="Incidents" coverage={<AsOf of={[incidents]} />} />
      <Figures page={pages?.[0]} />
      <div className={classes.head}>
        <SegmentedControl
          aria-label="Which incidents"
          size="xs"
          value={only ?? "all"}
          onChange={(value) =>
            navigate({
              to: "/operations/incidents",
              search: value === "open" ? { only: "open" } : {},
              replace: true,
              resetScroll: false,
            })
          }
          data={[
            { value: "all", label: "All" },
            { value: "open", label: "Not closed" },
          ]}
        />
        <Button
          className={classes.new}
          leftSection={<IconPlus size={16} aria-hidden />}
          renderRoot={(props) => (
            <Link {...props} to="/operations/incidents" search={(known) => ({ ...known, new: true })} />
          )}
        >
          Open an incident
        </Button>
      </div>
      {pages === undefined ? (
        incidents.error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the incidents</span>
            <Skeleton height={260} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={incidents.error} onRetry={() => incidents.refetch()} />
        )
      ) : items.length === 0 ? (
        <div className="card">
          <EmptyState
            compact
            icon={<IconAlertTriangle />}
            title={only === "open" ? "Every incident is closed" : "No incident is on record"}
          >
            A P1 or P2 alert opens one by itself. A person can open one for what no rule notices.
          </EmptyState>
        </div>
      ) : (
        <>
          <ul className={classes.list} aria-busy={incidents.isPlaceholderData}>
            {items.map((incident) => (
              <Row key={incident.id} incident={incident} />
            ))}
          </ul>
          {incidents.hasNextPage && (
            <div className={classes.more}>
              <Button
                variant="default"
                loading={incidents.isFetchingNextPage}
                onClick={() => incidents.fetchNextPage()}
              >
                Load more
              </Button>
            </div>
          )}
        </>
      )}
      {asks === true && (
        <Suspense fallback={null}>
          <NewIncidentDialog
            onClose={() =>
              navigate({
                to: "/operations/incidents",
                search: only === undefined ? {} : { only },
                replace: true,
                resetScroll: false,
              })
            }
          />
        </Suspense>
      )}
    </div>
  );
}

const mean = (seconds: number | null) =>
  seconds === null ? <span className={classes.none}>no data</span> : lasting(seconds);

function Figures({ page }: { page: IncidentPage | undefined }) {
  if (page === undefined) {
    return (
      <div aria-busy="true">
        <span className="visually-hidden">Loading the figures</span>
        <Skeleton height={74} radius={10} />
      </div>
    );
  }
  const { means } = page;
  return (
    <dl className={classes.figures}>
      <div>
        <dt>Mean, to detect</dt>
        <dd>{mean(means.detect)}</dd>
      </div>
      <div>
        <dt>Mean, to acknowledge</dt>
        <dd>{mean(means.acknowledge)}</dd>
      </div>
      <div>
        <dt>Mean, to recover</dt>
        <dd>{mean(means.recover)}</dd>
      </div>
      <div>
        <dt>In 90 days</dt>
        <dd>{count(means.incidents, "incident")}</dd>
      </div>
      <div data-late={page.reviews_overdue > 0 || undefined}>
        <dt>Reviews overdue</dt>
        <dd>{page.reviews_overdue}</dd>
      </div>
      <div data-late={page.actions_overdue > 0 || undefined}>
        <dt>Actions overdue</dt>
        <dd>{page.actions_overdue}</dd>
      </div>
    </dl>
  );
}

function recovery({ figures, status }: IncidentItem): { words: string; late: boolean } {
  if (figures.to_recover !== null)
    return { words: `recovered in ${lasting(figures.to_recover)}`, late: figures.recovery_met === false };
  if (isIncidentOver(status)) return { words: "", late: false };
  return { words: "not recovered", late: figures.recovery_met === false };
}

function Row({ incident }: { incident: IncidentItem }) {
  const zone = useZone();
  const { tone, words } = INCIDENT_STATUS[incident.status];
  const { words: recovered, late } = recovery(incident);
  return (
    <li className={classes.row}>
      <PriorityMark priority={incident.priority} />
      <div className={classes.what}>
        <Link
          to="/operations/incidents/$incidentId"
          params={{ incidentId: incident.id }}
          className={classes.title}
        >
          {incident.title}
        </Link>
        <p className={classes.detail}>
          {incident.id} · {KINDS[incident.kind]} · {incident.commander ?? "nobody in charge"}
        </p>
      </div>
      <span className={classes.state}>
        <StatusDot tone={tone}>{words}</StatusDot>
      </span>
      <time dateTime={incident.detected_at} className={classes.when}>
        {instantText(incident.detected_at, zone)}
      </time>
      <span className={classes.recovery} data-late={late || undefined}>
        {recovered}
        {late && ", over 15 min"}
      </span>
    </li>
  );
}
