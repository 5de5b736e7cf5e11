/** Every read of the API, once: key, request and how long an answer counts as new. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, unwrap } from "@/lib/api";

export const keys = {
  setup: ["setup"] as const,
  me: ["me"] as const,
  weeks: ["week"] as const,
  workOrders: ["work-orders"] as const,
  syncs: ["syncs"] as const,
  syncStatus: ["sync-status"] as const,
  plan: (visitId: number) => ["plan", visitId] as const,
  runs: (visitId: number) => ["runs", visitId] as const,
  run: (runId: string) => ["run", runId] as const,
  provers: ["provers"] as const,
};

export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: ({ signal }) => unwrap(client.GET("/api/setup", { signal })),
  staleTime: 60_000,
});

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: ({ signal }) => unwrap(client.GET("/api/me", { signal })),
});

/** Without `start` the server decides which week counts now (roll-over rule). */
export const weekQuery = (start?: string) =>
  queryOptions({
    queryKey: [...keys.weeks, start ?? "now"],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/week", { params: { query: start ? { start } : {} }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    refetchInterval: 5 * 60_000,
  });

export const searchQuery = (search: string) =>
  queryOptions({
    queryKey: [...keys.workOrders, "search", search],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/work-orders", { params: { query: { search, limit: 12 } }, signal })),
    enabled: search.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const visitQuery = (visitId: number) =>
  queryOptions({
    queryKey: [...keys.workOrders, "visit", visitId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/visits/{visit_id}", { params: { path: { visit_id: visitId } }, signal })),
  });

export const workOrderQuery = (workId: number) =>
  queryOptions({
    queryKey: [...keys.workOrders, "work", workId],
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/work-orders/{work_id}", { params: { path: { work_id: workId } }, signal })),
  });

export const syncStatusQuery = queryOptions({
  queryKey: keys.syncStatus,
  queryFn: ({ signal }) => unwrap(client.GET("/api/sync-status", { signal })),
  staleTime: 10_000,
  // The event stream brings news at once; this is the net below it.
  refetchInterval: (query) => (query.state.data?.running ? 4_000 : 60_000),
});

export const syncsQuery = infiniteQueryOptions({
  queryKey: keys.syncs,
  queryFn: ({ pageParam, signal }) =>
    unwrap(
      client.GET("/api/syncs", {
        params: { query: { limit: 15, ...(pageParam === null ? {} : { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
});

export const planQuery = (visitId: number) =>
  queryOptions({
    queryKey: keys.plan(visitId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/visits/{visit_id}/forms/plan", { params: { path: { visit_id: visitId } }, signal }),
      ),
  });

export const runsQuery = (visitId: number) =>
  queryOptions({
    queryKey: keys.runs(visitId),
    queryFn: ({ signal }) =>
      unwrap(
        client.GET("/api/visits/{visit_id}/forms/runs", { params: { path: { visit_id: visitId } }, signal }),
      ),
  });

export const isRunning = (state: string | undefined): boolean =>
  state === "queued" || state === "running" || state === "stopping";

export const runQuery = (runId: string) =>
  queryOptions({
    queryKey: keys.run(runId),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/form-runs/{run_id}", { params: { path: { run_id: runId } }, signal })),
    refetchInterval: (query) => (isRunning(query.state.data?.state) ? 3_000 : false),
  });

export const proversQuery = queryOptions({
  queryKey: keys.provers,
  queryFn: ({ signal }) => unwrap(client.GET("/api/provers", { signal })),
});
