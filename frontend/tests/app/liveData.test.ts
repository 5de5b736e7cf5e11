import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import type { JobEvent, SyncStatus } from "@/api/types";
import { liveData, withStep } from "@/app/liveData";
import { run, runForm } from "../features/data";

const event = (change: Partial<JobEvent>): JobEvent => ({
  id: 1,
  at: "2025-07-02T10:00:00Z",
  job_kind: "form_run",
  job_id: "run-1",
  type: "step",
  message: "",
  data: {},
  ...change,
});
const steps = [{ key: "grade:0", label: "Regular", state: "waiting" as const, wanted: "meter", found: null }];

describe("live data", () => {
  it("moves one step of one form on", () => {
    const before = run([runForm(0, "1/2", { steps }), runForm(1, "3/4", { steps })], { state: "queued" });
    const after = withStep(before, event({ data: { position: 1, key: "grade:0", state: "written" } }));
    expect(after.state).toBe("running");
    expect(after.forms.map((form) => form.steps[0]?.state)).toEqual(["waiting", "written"]);
    expect(withStep(before, event({ data: { position: 1, key: "grade:0", state: "odd" } }))).toBe(before);
  });

  it("carries a sync's progress into what the screens show, and reads results again at its end", () => {
    const queries = new QueryClient();
    const status = { running: { id: "s", progress: null, done: null, total: null } } as unknown as SyncStatus;
    queries.setQueryData(keys.syncStatus, status);
    const renew = vi.spyOn(queries, "invalidateQueries");
    const live = liveData(queries);
    live(
      event({
        job_kind: "sync",
        job_id: "s",
        type: "location",
        message: "Location 3 of 47",
        data: { done: 3, total: 47 },
      }),
    );
    expect(queries.getQueryData<SyncStatus>(keys.syncStatus)?.running).toMatchObject({
      progress: "Location 3 of 47",
      done: 3,
      total: 47,
    });
    expect(renew).not.toHaveBeenCalled();
    live(event({ job_kind: "sync", job_id: "s", type: "finished" }));
    expect(renew.mock.calls.map(([filter]) => filter?.queryKey)).toContainEqual(keys.weeks);
  });
});
