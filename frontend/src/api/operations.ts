/** Every read of the operations side, once. Screens that show the present ask again while they are looked at. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "@/lib/api";
import { filtersOf, type LogSearch, spanOf } from "@/lib/logs";
import { problemFrom } from "@/lib/problems";
import type { Health } from "./types";

/** Milliseconds. A hidden tab does not ask. */
const LIVE = 15_000;

export const operationsKeys = {
  health: ["health"] as const,
  alerts: ["alerts"] as const,
  board: ["alerts", "board"] as const,
  alert: (id: string) => ["alerts", "one", id] as const,
  silences: ["alerts", "silences"] as const,
  maintenance: ["alerts", "maintenance"] as const,
  rules: ["alert-rules"] as const,
  incidents: ["incidents"] as const,
  incident: (id: string) => ["incidents", "one", id] as const,
  slo: ["slo"] as const,
  probes: ["probes"] as const,
  performance: ["performance"] as const,
  onCall: ["on-call"] as const,
  notifications: ["notifications"] as const,
  logs: ["logs"] as const,
  runbooks: ["runbooks"] as const,
};

const isHealth = (value: unknown): value is Health =>
  typeof value === "object" && value !== null && "components" in value && "status" in value;

/** The health of every part. A 503 with parts in it is an answer too: it says which one is broken. */
export const healthQuery = queryOptions({
  queryKey: operationsKeys.health,
  queryFn: async ({ signal }): Promise<Health> => {
    const { data, error, response } = await client.GET("/api/health", { signal });
    const said: unknown = data ?? error;
    if (isHealth(said)) return said;
    throw problemFrom(response, said);
  },
  refetchInterval: LIVE,
  staleTime: 5_000,
});

export const boardQuery = queryOptions({
  queryKey: operationsKeys.board,
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/alerts", { signal })),
  refetchInterval: LIVE,
  staleTime: 5_000,
});

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: operationsKeys.alert(id),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/operations/alerts/{alert_id}", { params: { path: { alert_id: id } }, signal })),
    refetchInterval: LIVE,
    staleTime: 5_000,
  });

export const alertHistoryQuery = infiniteQueryOptions({
  queryKey: [...operationsKeys.alerts, "history"],
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      client.GET("/api/operations/alerts/history", {
        params: { query: { limit: 25, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});

export const rulesQuery = queryOptions({
  queryKey: operationsKeys.rules,
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/alerts/rules", { signal })),
  staleTime: 10 * 60_000,
});

export const silencesQuery = queryOptions({
  queryKey: operationsKeys.silences,
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/silences", { signal })),
  refetchInterval: 60_000,
});

export const maintenanceQuery = queryOptions({
  queryKey: operationsKeys.maintenance,
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/maintenance", { signal })),
  refetchInterval: 60_000,
});

export const incidentsQuery = (onlyOpen: boolean) =>
  infiniteQueryOptions({
    queryKey: [...operationsKeys.incidents, "list", onlyOpen],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/operations/incidents", {
          params: {
            query: {
              only_open: onlyOpen,
              limit: 30,
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: LIVE,
  });

/** The newest incidents, for the status sentence and for choosing one. */
export const latestIncidentsQuery = queryOptions({
  queryKey: [...operationsKeys.incidents, "latest"],
  queryFn: ({ signal }) =>
    unwrap(client.GET("/api/operations/incidents", { params: { query: { limit: 50 } }, signal })),
  refetchInterval: LIVE,
});

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: operationsKeys.incident(id),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/operations/incidents/{incident_id}", {
          params: { path: { incident_id: id } },
          signal,
        }),
      ),
    refetchInterval: LIVE,
  });

export const templatesOfMessagesQuery = queryOptions({
  queryKey: ["incident-templates"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/incident-templates", { signal })),
  staleTime: 10 * 60_000,
});

export const sloQuery = queryOptions({
  queryKey: operationsKeys.slo,
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/slo", { signal })),
  refetchInterval: LIVE,
});

export const sloHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: [...operationsKeys.slo, "history", id],
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/operations/slo/{slo_id}/history", { params: { path: { slo_id: id } }, signal }),
      ),
    staleTime: 5 * 60_000,
  });

export const probesQuery = queryOptions({
  queryKey: operationsKeys.probes,
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/probes", { signal })),
  refetchInterval: LIVE,
});

export const WINDOWS = ["1h", "6h", "24h", "7d", "30d"] as const;
export type PerformanceWindow = (typeof WINDOWS)[number];

/** A short window changes while one looks; a month does not. */
export const performanceQuery = (window: PerformanceWindow) =>
  queryOptions({
    queryKey: [...operationsKeys.performance, window],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/operations/performance", { params: { query: { window } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: window === "1h" || window === "6h" ? LIVE : 5 * 60_000,
  });

/** Who is on call, whom the levels of the matrix would tell, and what is wrong with the plan. */
export const onCallQuery = queryOptions({
  queryKey: [...operationsKeys.onCall, "now"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call", { signal })),
  refetchInterval: 60_000,
});

/** Lines of the logs, newest first. They are asked for again only when somebody wishes so: a search costs the server much. */
export const logsQuery = (search: LogSearch) =>
  infiniteQueryOptions({
    queryKey: [...operationsKeys.logs, "search", filtersOf(search), spanOf(search)],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/operations/logs", {
          params: {
            query: {
              ...filtersOf(search),
              ...spanOf(search),
              limit: 100,
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 30_000,
    gcTime: 60_000,
    refetchOnWindowFocus: false,
  });

/** What broke in a span of time, by group, and how much space the logs take. */
export const logSummaryQuery = (search: LogSearch) =>
  queryOptions({
    queryKey: [...operationsKeys.logs, "summary", spanOf(search)],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/operations/logs/summary", { params: { query: spanOf(search) }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    refetchOnWindowFocus: false,
  });

export const calendarQuery = (weeks: number) =>
  queryOptions({
    queryKey: [...operationsKeys.onCall, "calendar", weeks],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/operations/on-call/calendar", { params: { query: { weeks } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });

/** What whoever takes over the duty has to know. It speaks of one moment: none is kept for the next time. */
export const handOverQuery = queryOptions({
  queryKey: [...operationsKeys.onCall, "hand-over"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call/hand-over", { signal })),
  gcTime: 0,
  staleTime: Number.POSITIVE_INFINITY,
});

export const contactsQuery = queryOptions({
  queryKey: [...operationsKeys.onCall, "contacts"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call/contacts", { signal })),
});

/** Administrators only. */
export const channelsQuery = queryOptions({
  queryKey: [...operationsKeys.notifications, "settings"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/notifications/settings", { signal })),
});

/** The last messages that were sent, with what came of them. */
export const sentQuery = queryOptions({
  queryKey: [...operationsKeys.notifications, "last"],
  queryFn: ({ signal }) =>
    unwrap(client.GET("/api/operations/notifications", { params: { query: { limit: 10 } }, signal })),
  refetchInterval: LIVE,
});

export const runbooksQuery = queryOptions({
  queryKey: [...operationsKeys.runbooks, "list"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/runbooks", { signal })),
  staleTime: 5 * 60_000,
});

export const runbookQuery = (name: string) =>
  queryOptions({
    queryKey: [...operationsKeys.runbooks, "one", name],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/operations/runbooks/{name}", { params: { path: { name } }, signal })),
    staleTime: 5 * 60_000,
  });
