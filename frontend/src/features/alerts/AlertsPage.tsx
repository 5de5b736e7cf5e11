import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { boardQuery } from "@/api/operations";
import { AsOf } from "@/components/AsOf";
import { PageHead } from "@/components/PageHead";
import { ViewNav } from "@/components/ViewNav";
import { isMuted } from "@/lib/alerts";
import { AlertDrawer } from "./AlertDrawer";
import classes from "./AlertsPage.module.css";
import { NowView } from "./NowView";

const HistoryView = lazy(() => import("./HistoryView"));
const QuietView = lazy(() => import("./QuietView"));
const RulesView = lazy(() => import("./RulesView"));
const route = getRouteApi("/app/operations/alerts");

const VIEWS = [
  { view: undefined, label: "Now" },
  { view: "history", label: "History" },
  { view: "quiet", label: "Silences and maintenance" },
  { view: "rules", label: "Rules" },
] as const;

/** What calls for somebody now, what did before, when nobody is to be called, and by which rules. */
export function AlertsPage() {
  const { view, alert } = route.useSearch();
  const navigate = useNavigate();
  const board = useQuery(boardQuery);
  const firing = board.data?.firing.filter((one) => !isMuted(one)).length ?? 0;
  const search = view === undefined ? {} : { view };
  return (
    <div className={classes.root}>
      <PageHead
        title="Alerts"
        coverage={
          <>
            {board.data !== undefined && `${firing} firing · ${board.data.pending.length} pending · `}
            <AsOf of={[board]} />
          </>
        }
      />
      <ViewNav label="Views of alerts">
        {VIEWS.map((one) => (
          <Link
            key={one.label}
            to="/operations/alerts"
            search={one.view === undefined ? {} : { view: one.view }}
            activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
            aria-current={one.view === view ? "page" : undefined}
          >
            {one.label}
          </Link>
        ))}
      </ViewNav>
      {view === undefined ? (
        <NowView />
      ) : (
        <Suspense fallback={null}>
          {view === "history" ? <HistoryView /> : view === "quiet" ? <QuietView /> : <RulesView />}
        </Suspense>
      )}
      <AlertDrawer
        id={alert ?? null}
        onClose={() => navigate({ to: "/operations/alerts", search, resetScroll: false })}
      />
    </div>
  );
}
