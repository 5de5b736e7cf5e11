import { SegmentedControl, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type PerformanceWindow, performanceQuery, WINDOWS } from "@/api/operations";
import type { Performance } from "@/api/types";
import { AsOf } from "@/components/AsOf";
import { ChartCard } from "@/components/ChartCard";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { lasting } from "@/lib/figures";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./PerformancePage.module.css";
import { RoutesTable } from "./RoutesTable";

const route = getRouteApi("/app/operations/performance");
const CHARTS = 10;

const NAMES: Record<PerformanceWindow, string> = {
  "1h": "1 h",
  "6h": "6 h",
  "24h": "24 h",
  "7d": "7 days",
  "30d": "30 days",
};

/** How fast and how full everything is, over the last hours or days. */
export function PerformancePage() {
  const { window = "1h" } = route.useSearch();
  const navigate = useNavigate();
  const zone = useZone();
  const query = useQuery(performanceQuery(window));
  const { data, error } = query;
  return (
    <div className={classes.root}>
      <PageHead title="Performance" coverage={<AsOf of={[query]} />} />
      <div className={classes.head}>
        <SegmentedControl
          aria-label="Window of time"
          value={window}
          onChange={(next) =>
            navigate({
              to: "/operations/performance",
              search: next === "1h" ? {} : { window: next as PerformanceWindow },
              replace: true,
              resetScroll: false,
            })
          }
          data={WINDOWS.map((value) => ({ value, label: NAMES[value] }))}
        />
        {data !== undefined && (
          <p className="muted">
            {instantText(data.since, zone)} – {instantText(data.until, zone)}. Hatched: nothing was measured.
          </p>
        )}
      </div>
      {error !== null && (
        <ProblemPanel
          error={error}
          title={data === undefined ? undefined : "The figures could not be renewed"}
          onRetry={() => query.refetch()}
        />
      )}
      {data === undefined ? (
        error === null && <Loading />
      ) : (
        <div className={classes.root} aria-busy={query.isPlaceholderData}>
          <Charts performance={data} />
          <RoutesTable
            routes={data.routes}
            window={lasting((Date.parse(data.until) - Date.parse(data.since)) / 1000)}
          />
        </div>
      )}
    </div>
  );
}

function Loading() {
  return (
    <div className={classes.charts} aria-busy="true">
      <span className="visually-hidden">Loading the measurements</span>
      {Array.from({ length: CHARTS }, (_, index) => (
        <Skeleton key={index} height={272} radius={10} />
      ))}
    </div>
  );
}

/** Shares are drawn against the whole. */
const range = (unit: string): [number, number] | undefined => (unit === "share" ? [0, 1] : undefined);

function Charts({ performance }: { performance: Performance }) {
  return (
    <div className={classes.charts}>
      {performance.charts.map((chart) => (
        <ChartCard
          key={chart.id}
          title={chart.title}
          unit={chart.unit}
          stepSeconds={chart.step_seconds}
          threshold={chart.threshold}
          range={range(chart.unit)}
          lines={chart.lines}
        />
      ))}
    </div>
  );
}
