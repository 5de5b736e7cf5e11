import type { QueryClient } from "@tanstack/react-query";
import { reloadUser } from "@/api/mutations";
import { keys } from "@/api/queries";
import type { FormRun, JobEvent, StepState, SyncStatus } from "@/api/types";
import { isEnd } from "@/lib/jobs";

const STEP_STATES: ReadonlySet<unknown> = new Set<StepState>([
  "waiting",
  "writing",
  "written",
  "verified",
  "failed",
]);
const isStepState = (value: unknown): value is StepState => STEP_STATES.has(value);
const numberOr = (value: unknown, otherwise: number | null): number | null =>
  typeof value === "number" ? value : otherwise;

/** A run with one step moved on, as an event tells it; the same run when the event is not about it. */
export function withStep(run: FormRun, event: JobEvent): FormRun {
  const { position, key, state } = event.data;
  if (!isStepState(state)) return run;
  return {
    ...run,
    state: run.state === "queued" ? "running" : run.state,
    forms: run.forms.map((form) =>
      form.position === position
        ? {
            ...form,
            running: true,
            steps: form.steps.map((step) => (step.key === key ? { ...step, state } : step)),
          }
        : form,
    ),
  };
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
        } else {
          renew(keys.run(event.job_id));
        }
        if (end) renew(["plan"], ["runs"], keys.weeks, keys.workOrders);
        return;
    }
  };
}
