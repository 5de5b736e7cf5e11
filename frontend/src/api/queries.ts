/** Every read of the API, once: key, request and how long an answer counts as new. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { client, file, unwrap } from "@/lib/api";
import { ACTIVE_BATCH, isOver, OVER_BATCH } from "@/lib/batches";
import { asDataUrl } from "@/lib/files";
import { isRunning } from "@/lib/runs";
import type { BatchState, PlanChoices } from "./types";

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
  batches: ["batches"] as const,
  batchLists: ["batches", "list"] as const,
  batch: (batchId: string) => ["batches", "one", batchId] as const,
  formSettings: ["form-settings"] as const,
  templates: ["reading-templates"] as const,
  politeness: ["politeness"] as const,
  people: ["people"] as const,
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

/** The plan with a person's own answers in it. Nothing is stored by asking. */
export const chosenPlanQuery = (visitId: number, choices: PlanChoices) =>
  queryOptions({
    queryKey: [...keys.plan(visitId), choices],
    queryFn: ({ signal }) =>
      unwrap(
        client.POST("/api/visits/{visit_id}/forms/plan", {
          params: { path: { visit_id: visitId } },
          body: choices,
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

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

export const shotQuery = (runId: string, position: number, name: "section-1" | "grades" | "readings") =>
  queryOptions({
    queryKey: ["shot", runId, position, name],
    // The route wants the token, so the picture cannot be a plain address; the page's policy allows data: only.
    queryFn: async ({ signal }) =>
      asDataUrl(
        await file(
          client.GET("/api/form-runs/{run_id}/forms/{position}/shots/{name}", {
            params: { path: { run_id: runId, position, name } },
            parseAs: "blob",
            signal,
          }),
        ),
      ),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 2 * 60_000,
  });

export const batchQuery = (batchId: string) =>
  queryOptions({
    queryKey: keys.batch(batchId),
    queryFn: ({ signal }) =>
      unwrap(client.GET("/api/batches/{batch_id}", { params: { path: { batch_id: batchId } }, signal })),
    refetchInterval: (query) =>
      query.state.data !== undefined && !isOver(query.state.data.state) ? 5_000 : false,
  });

export const activeBatchesQuery = queryOptions({
  queryKey: [...keys.batchLists, "active"],
  queryFn: ({ signal }) =>
    unwrap(
      client.GET("/api/batches", { params: { query: { state: [...ACTIVE_BATCH], limit: 100 } }, signal }),
    ),
  refetchInterval: (query) => ((query.state.data?.items.length ?? 0) > 0 ? 5_000 : 60_000),
});

export interface BatchFilters {
  states: BatchState[];
  since: string | null;
  until: string | null;
  search: string;
}

/** Filters as the API takes them; without a state the history is all that is over. */
export const batchWish = ({ states, since, until, search }: BatchFilters) => ({
  state: states.length > 0 ? states : [...OVER_BATCH],
  ...(since === null ? {} : { since }),
  ...(until === null ? {} : { until }),
  ...(search.trim() === "" ? {} : { search: search.trim() }),
});

export const batchHistoryQuery = (filters: BatchFilters) =>
  infiniteQueryOptions({
    queryKey: [...keys.batchLists, "history", filters],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        client.GET("/api/batches", {
          params: {
            query: {
              ...batchWish(filters),
              limit: 20,
              ...(pageParam === null ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });

export const formSettingsQuery = queryOptions({
  queryKey: keys.formSettings,
  queryFn: ({ signal }) => unwrap(client.GET("/api/form-settings", { signal })),
});

export const templatesQuery = queryOptions({
  queryKey: keys.templates,
  queryFn: ({ signal }) => unwrap(client.GET("/api/reading-templates", { signal })),
});

export const politenessQuery = queryOptions({
  queryKey: keys.politeness,
  queryFn: ({ signal }) => unwrap(client.GET("/api/politeness", { signal })),
});

/** Everybody who has an account here; administrators only. */
export const peopleQuery = queryOptions({
  queryKey: keys.people,
  queryFn: ({ signal }) => unwrap(client.GET("/api/users", { signal })),
});
