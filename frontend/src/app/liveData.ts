import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { reloadUser } from "@/api/mutations";
import { keys } from "@/api/queries";
import type { Batch, BatchPage, FormRun, JobEvent, SyncStatus } from "@/api/types";
import { withBatchEvent } from "@/lib/batches";
import { isEnd } from "@/lib/jobs";
import { withStep } from "@/lib/runs";

const numberOr = (value: unknown, otherwise: number | null): number | null =>
  typeof value === "number" ? value : otherwise;

type BatchList = BatchPage | InfiniteData<BatchPage>;

/** A list of batches, or its pages, with one batch moved on. */
function withListed(list: BatchList, event: JobEvent): BatchList {
  const page = (one: BatchPage): BatchPage => ({
    ...one,
    items: one.items.map((batch) => withBatchEvent(batch, event)),
  });
  return "pages" in list ? { ...list, pages: list.pages.map(page) } : page(list);
}

/** Keeps what the screens show in step with the event stream: small news are patched in, results are read again. */
export function liveData(queries: QueryClient): (event: JobEvent) => void {
  const renew = (...queryKeys: (readonly unknown[])[]): void => {
    for (const queryKey of queryKeys) queries.invalidateQueries({ queryKey });
  };
  return (event) => {
    const end = isEnd(event);
    switch (event.job_kind) {
      case "sync":
        if (end) return renew(keys.syncStatus, keys.syncs, keys.weeks, keys.workOrders, keys.provers);
        if (!queries.getQueryData<SyncStatus>(keys.syncStatus)?.running) return renew(keys.syncStatus);
        queries.setQueryData<SyncStatus>(keys.syncStatus, (status) =>
          status?.running?.id === event.job_id
            ? {
                ...status,
                running: {
                  ...status.running,
                  progress: event.message,
                  done: numberOr(event.data.done, null),
                  total: numberOr(event.data.total, null),
                },
              }
            : status,
        );
        return;
      case "link":
        if (end) {
          reloadUser().catch(() => undefined);
          renew(keys.syncStatus, keys.provers);
        }
        return;
      case "visit_check":
        if (end) renew(["plan"], keys.weeks, keys.workOrders);
        return;
      case "form_run":
        if (event.type === "step") {
          queries.setQueryData<FormRun>(keys.run(event.job_id), (run) => run && withStep(run, event));
        } else if (event.type !== "reading") {
          renew(keys.run(event.job_id));
          if (typeof event.data.verdict === "string") renew(keys.batches);
        }
        if (end) renew(["plan"], ["runs"], keys.weeks, keys.workOrders);
        return;
      case "batch":
        queries.setQueryData<Batch>(
          keys.batch(event.job_id),
          (batch) => batch && withBatchEvent(batch, event),
        );
        queries.setQueriesData<BatchList>(
          { queryKey: keys.batchLists },
          (list) => list && withListed(list, event),
        );
        if (event.type !== "phase") renew(keys.batches, ["runs"]);
        return;
    }
  };
}
