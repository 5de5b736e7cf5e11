import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import type { Batch, BatchPage, FormRun, JobEvent, SyncStatus } from "@/api/types";
import { liveData } from "@/app/liveData";
import { batch, batchVisit, run, runForm } from "../features/data";

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

  it("moves a run's step on at once, and does not ask again for each reading", () => {
    const queries = new QueryClient();
    queries.setQueryData(keys.run("run-1"), run([runForm(0, "1/2", { steps })]));
    const renew = vi.spyOn(queries, "invalidateQueries");
    const live = liveData(queries);
    live(event({ data: { position: 0, key: "grade:0", state: "writing" } }));
    live(event({ type: "reading", data: { position: 0, key: "readings:0", state: "writing", reading: 2 } }));
    expect(queries.getQueryData<FormRun>(keys.run("run-1"))?.forms[0]?.steps[0]?.state).toBe("writing");
    expect(renew).not.toHaveBeenCalled();
    live(event({ type: "form", data: { position: 0, verdict: "verified" } }));
    const asked = renew.mock.calls.map(([filter]) => filter?.queryKey);
    expect(asked).toEqual([keys.run("run-1"), keys.batches]);
  });

  it("moves a batch on in every list that shows it", () => {
    const queries = new QueryClient();
    const running = batch([batchVisit(0, { state: "running" }), batchVisit(1)]);
    const page: BatchPage = { items: [running], next_cursor: null };
    queries.setQueryData(keys.batch(running.id), running);
    queries.setQueryData([...keys.batchLists, "active"], page);
    queries.setQueryData([...keys.batchLists, "history", {}], { pages: [page], pageParams: [null] });
    const live = liveData(queries);
    live(event({ job_kind: "batch", job_id: running.id, type: "state", data: { state: "pausing" } }));
    live(
      event({ job_kind: "batch", job_id: running.id, type: "visit", data: { position: 0, state: "done" } }),
    );
    const found = [
      queries.getQueryData<Batch>(keys.batch(running.id)),
      queries.getQueryData<BatchPage>([...keys.batchLists, "active"])?.items[0],
      queries.getQueryData<{ pages: BatchPage[] }>([...keys.batchLists, "history", {}])?.pages[0]?.items[0],
    ];
    for (const one of found) {
      expect(one?.state).toBe("pausing");
      expect(one?.visits.map((visit) => visit.state)).toEqual(["done", "waiting"]);
    }
  });
});
