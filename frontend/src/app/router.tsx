import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import {
  boardQuery,
  healthQuery,
  incidentQuery,
  incidentsQuery,
  onCallQuery,
  performanceQuery,
  probesQuery,
  runbookQuery,
  runbooksQuery,
  sloQuery,
} from "@/api/operations";
import {
  activeBatchesQuery,
  formSettingsQuery,
  politenessQuery,
  proversQuery,
  runsQuery,
  setupQuery,
  syncStatusQuery,
  syncsQuery,
  templatesQuery,
  visitQuery,
  weekQuery,
  workOrderQuery,
} from "@/api/queries";
import { PageSkeleton } from "@/components/PageSkeleton";
import { auth, restore } from "@/lib/auth";
import { logSearch } from "@/lib/logs";
import { isOperator } from "@/lib/roles";
import { addresses } from "./addresses";
import { queryClient } from "./queryClient";
import { RouteError, RouteNotFound } from "./RouteError";
import { Shell } from "./shell/Shell";

/** True when somebody is signed in; asks the server once after a load of the page. */
async function signedIn(): Promise<boolean> {
  const { status } = auth.get();
  return status === "unknown" ? restore() : status === "signed_in";
}

const needsOwner = async (): Promise<boolean> => (await queryClient.ensureQueryData(setupQuery)).needs_owner;

const rootRoute = createRootRoute({
  component: Outlet,
  errorComponent: RouteError,
  notFoundComponent: RouteNotFound,
});

const welcomeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/welcome",
  validateSearch: addresses.welcome,
  beforeLoad: async () => {
    // Who only tries the sandbox may come back here to make the installation theirs.
    if ((await signedIn()) && auth.get().user?.is_sandbox !== true) throw redirect({ to: "/week" });
    if (!(await needsOwner())) throw redirect({ to: "/sign-in" });
  },
  component: lazyRouteComponent(() => import("@/features/accounts/WelcomePage"), "WelcomePage"),
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: addresses.signIn,
  beforeLoad: async () => {
    if (await signedIn()) throw redirect({ to: "/week" });
    if (await needsOwner()) throw redirect({ to: "/welcome" });
  },
  component: lazyRouteComponent(() => import("@/features/accounts/SignInPage"), "SignInPage"),
});

const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  beforeLoad: async ({ location }) => {
    if (await signedIn()) return;
    if (await needsOwner()) throw redirect({ to: "/welcome" });
    const next = location.pathname === "/" ? undefined : location.href;
    throw redirect({ to: "/sign-in", search: next ? { next } : {} });
  },
  component: Shell,
});

const indexRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/week" });
  },
});

const weekRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/week",
  validateSearch: addresses.week,
  loaderDeps: ({ search }) => ({ start: search.start }),
  loader: ({ deps }) => {
    queryClient.prefetchQuery(weekQuery(deps.start));
  },
  component: lazyRouteComponent(() => import("@/features/work/WeekPage"), "WeekPage"),
});

const visitRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/visits/$visitId",
  loader: ({ params }) => {
    queryClient.prefetchQuery(visitQuery(Number(params.visitId)));
  },
  component: lazyRouteComponent(() => import("@/features/work/WorkOrderPage"), "VisitPage"),
});

const workOrderRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/work-orders/$workId",
  loader: ({ params }) => {
    queryClient.prefetchQuery(workOrderQuery(Number(params.workId)));
  },
  component: lazyRouteComponent(() => import("@/features/work/WorkOrderPage"), "WorkOrderPage"),
});

const batchesRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/forms",
  validateSearch: addresses.batches,
  loader: () => {
    queryClient.prefetchQuery(activeBatchesQuery);
  },
  component: lazyRouteComponent(() => import("@/features/batches/BatchesPage"), "BatchesPage"),
});

const formsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/visits/$visitId/forms",
  validateSearch: addresses.forms,
  loader: ({ params, cause }) => {
    if (cause === "preload") return;
    queryClient.prefetchQuery(runsQuery(Number(params.visitId)));
    queryClient.prefetchQuery(visitQuery(Number(params.visitId)));
  },
  component: lazyRouteComponent(() => import("@/features/forms/FormsPage"), "FormsPage"),
});

const syncRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/sync",
  loader: () => {
    queryClient.prefetchQuery(syncStatusQuery);
    queryClient.prefetchInfiniteQuery(syncsQuery);
  },
  component: lazyRouteComponent(() => import("@/features/sync/SyncPage"), "SyncPage"),
});

const connectRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/connect",
  beforeLoad: () => {
    // The sandbox account is never linked to the real portal: that takes an account of one's own.
    if (auth.get().user?.is_sandbox) throw redirect({ to: "/welcome", search: { door: "connect" } });
  },
  component: lazyRouteComponent(() => import("@/features/accounts/ConnectPage"), "ConnectPage"),
});

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  loader: () => {
    queryClient.prefetchQuery(proversQuery);
    queryClient.prefetchQuery(formSettingsQuery);
    queryClient.prefetchQuery(templatesQuery);
    queryClient.prefetchQuery(politenessQuery);
  },
  component: lazyRouteComponent(() => import("./pages/SettingsPage"), "SettingsPage"),
});

/** What a page of Operations shows first is asked for together with its code; technicians are shown another page. */
const forOperators = (prefetch: () => void) => () => {
  if (isOperator(auth.get().user)) prefetch();
};

const operationsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/operations",
  component: lazyRouteComponent(() => import("./pages/OperationsFrame"), "OperationsFrame"),
});

const overviewRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/",
  validateSearch: addresses.overview,
  loader: forOperators(() => {
    queryClient.prefetchQuery(healthQuery);
    queryClient.prefetchQuery(boardQuery);
    queryClient.prefetchQuery(sloQuery);
    queryClient.prefetchQuery(probesQuery);
  }),
  component: lazyRouteComponent(() => import("@/features/operations/OverviewPage"), "OverviewPage"),
});

const alertsRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/alerts",
  validateSearch: addresses.alerts,
  loader: forOperators(() => {
    queryClient.prefetchQuery(boardQuery);
  }),
  component: lazyRouteComponent(() => import("@/features/alerts/AlertsPage"), "AlertsPage"),
});

const incidentsRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/incidents",
  validateSearch: addresses.incidents,
  loaderDeps: ({ search }) => ({ open: search.only === "open" }),
  loader: ({ deps }) => {
    if (isOperator(auth.get().user)) queryClient.prefetchInfiniteQuery(incidentsQuery(deps.open));
  },
  component: lazyRouteComponent(() => import("@/features/incidents/IncidentsPage"), "IncidentsPage"),
});

const incidentRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/incidents/$incidentId",
  loader: ({ params }) => {
    if (isOperator(auth.get().user)) queryClient.prefetchQuery(incidentQuery(params.incidentId));
  },
  component: lazyRouteComponent(() => import("@/features/incidents/IncidentPage"), "IncidentPage"),
});

const performanceRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/performance",
  validateSearch: addresses.performance,
  loaderDeps: ({ search }) => ({ window: search.window ?? "1h" }),
  loader: ({ deps }) => {
    if (isOperator(auth.get().user)) queryClient.prefetchQuery(performanceQuery(deps.window));
  },
  component: lazyRouteComponent(() => import("@/features/performance/PerformancePage"), "PerformancePage"),
});

const logsRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/logs",
  validateSearch: logSearch,
  component: lazyRouteComponent(() => import("@/features/logs/LogsPage"), "LogsPage"),
});

const onCallRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/on-call",
  validateSearch: addresses.onCall,
  loader: forOperators(() => {
    queryClient.prefetchQuery(onCallQuery);
  }),
  component: lazyRouteComponent(() => import("@/features/oncall/OnCallPage"), "OnCallPage"),
});

const runbooksRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/runbooks",
  loader: forOperators(() => {
    queryClient.prefetchQuery(runbooksQuery);
  }),
  component: lazyRouteComponent(() => import("@/features/runbooks/RunbooksPage"), "RunbooksPage"),
});

const runbookRoute = createRoute({
  getParentRoute: () => operationsRoute,
  path: "/runbooks/$name",
  loader: ({ params }) => {
    if (isOperator(auth.get().user)) queryClient.prefetchQuery(runbookQuery(params.name));
  },
  component: lazyRouteComponent(() => import("@/features/runbooks/RunbookPage"), "RunbookPage"),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    welcomeRoute,
    signInRoute,
    appRoute.addChildren([
      indexRoute,
      weekRoute,
      visitRoute,
      workOrderRoute,
      formsRoute,
      batchesRoute,
      syncRoute,
      connectRoute,
      settingsRoute,
      operationsRoute.addChildren([
        overviewRoute,
        alertsRoute,
        incidentsRoute,
        incidentRoute,
        performanceRoute,
        logsRoute,
        onCallRoute,
        runbooksRoute,
        runbookRoute,
      ]),
    ]),
  ]),
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 200,
  defaultPendingMinMs: 0,
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: RouteError,
  defaultNotFoundComponent: RouteNotFound,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
