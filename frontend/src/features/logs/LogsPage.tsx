import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { PageHead } from "@/components/PageHead";
import { ViewNav } from "@/components/ViewNav";
import { Filters } from "./Filters";
import classes from "./LogsPage.module.css";
import { SearchView } from "./SearchView";

const LiveView = lazy(() => import("./LiveView"));
const ErrorsView = lazy(() => import("./ErrorsView"));
const route = getRouteApi("/app/operations/logs");

const VIEWS = [
  { view: undefined, label: "Search" },
  { view: "live", label: "Live" },
  { view: "errors", label: "What broke" },
] as const;

/** The logs of every process and browser: searched, followed, and their errors by group. */
export function LogsPage() {
  const search = route.useSearch();
  return (
    <div className={classes.root}>
      <PageHead title="Logs" />
      <ViewNav label="Views of the logs">
        {VIEWS.map(({ view, label }) => (
          <Link
            key={label}
            to="/operations/logs"
            search={({ view: _, ...known }) => (view === undefined ? known : { ...known, view })}
            activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
            aria-current={view === search.view ? "page" : undefined}
          >
            {label}
          </Link>
        ))}
      </ViewNav>
      <Filters search={search} />
      {search.view === undefined ? (
        <SearchView search={search} />
      ) : (
        <Suspense fallback={null}>
          {search.view === "live" ? (
            <LiveView key={JSON.stringify(search)} search={search} />
          ) : (
            <ErrorsView search={search} />
          )}
        </Suspense>
      )}
    </div>
  );
}
