import { useEffect, useRef, useState } from "react";
import { useCheckForms } from "@/api/mutations";
import type { JobEvent } from "@/api/types";
import { failureOf } from "@/lib/jobSteps";
import { forgetJob, useJobEvents, useNotedJob } from "@/lib/jobs";
import { ApiProblem } from "@/lib/problems";

const markOf = (visitId: number): string => `fossawork-forms-read-${visitId}`;

/** True when this tab has read the visit's forms from the portal before. */
export const wasRead = (visitId: number): boolean => sessionStorage.getItem(markOf(visitId)) !== null;

export interface VisitCheckState {
  state: "idle" | "reading" | "read" | "failed";
  events: JobEvent[];
  problem: unknown;
  read: () => void;
  /** Ends the wait when the plan itself has told that the read is over. */
  settle: () => void;
}

/** One read of the visit's forms on the portal: started here, followed by events, and found again after a reload. */
export function useVisitCheck(visitId: number): VisitCheckState {
  const { mutate, isPending, error } = useCheckForms(visitId);
  const noted = useNotedJob("visit_check", String(visitId));
  const [jobId, setJobId] = useState<string | null>(noted);
  const events = useJobEvents(jobId);
  const failure = failureOf(events);
  const ended = events.some((event) => event.type === "finished");
  const busy = useRef(false);

  useEffect(() => {
    if (ended) sessionStorage.setItem(markOf(visitId), "1");
  }, [ended, visitId]);

  const read = (): void => {
    if (busy.current) return;
    busy.current = true;
    if (jobId !== null) forgetJob(jobId);
    setJobId(null);
    mutate(undefined, {
      onSuccess: (job) => setJobId(job.job_id),
      onSettled: () => {
        busy.current = false;
      },
    });
  };
  const settle = (): void => {
    if (jobId !== null) forgetJob(jobId);
    sessionStorage.setItem(markOf(visitId), "1");
    setJobId(null);
  };

  const shared = { events, read, settle };
  if (error !== null && !isPending) return { state: "failed", problem: error, ...shared };
  if (failure !== null) {
    const problem = new ApiProblem({
      type: "about:blank",
      title: "The visit's forms could not be read",
      status: 0,
      code: failure.code,
      kind: "transient",
      detail: failure.detail,
      action: failure.action,
      reference: jobId ?? "",
      errors: [],
    });
    return { state: "failed", problem, ...shared };
  }
  if (isPending || (jobId !== null && !ended)) return { state: "reading", problem: null, ...shared };
  return { state: ended ? "read" : "idle", problem: null, ...shared };
}
