import { Button } from "@mantine/core";
import { IconBrowserShare } from "@tabler/icons-react";
import { useOpenWindow } from "@/api/mutations";
import { failureOf } from "@/lib/jobSteps";
import { useJobEvents, useNotedJob } from "@/lib/jobs";
import { ApiProblem } from "@/lib/problems";
import classes from "./OpenSignedIn.module.css";
import { ProblemPanel } from "./ProblemPanel";

/** A window opens on the server's own computer, so the button stands only where this browser runs there too. */
const isOwnComputer = (host = location.hostname): boolean =>
  host === "localhost" || host === "[::1]" || /^127\./.test(host);

/** Opens the visit in a browser that is signed in to the portal already, and says how that went. */
export function OpenSignedIn({ visitId }: { visitId: number }) {
  const open = useOpenWindow(visitId);
  const noted = useNotedJob("window", String(visitId));
  const jobId = open.data?.job_id ?? noted;
  const events = useJobEvents(jobId);
  if (!isOwnComputer()) return null;
  const failure = failureOf(events);
  const over = failure !== null || events.some((event) => event.type === "finished");
  const phase = events.findLast((event) => event.type === "phase");
  const under = jobId !== null && !over;
  const problem =
    open.error ??
    (failure === null
      ? null
      : new ApiProblem({
          type: "about:blank",
          title: "The window could not be opened",
          status: 0,
          code: failure.code,
          kind: "transient",
          detail: failure.detail,
          action: failure.action,
          reference: jobId ?? "",
          errors: [],
        }));
  // Where no window can be opened, the server names the address instead.
  const address =
    problem instanceof ApiProblem ? /https?:\/\/\S+/.exec(problem.problem.action)?.[0] : undefined;
  return (
    <div className={classes.root}>
      <div className={classes.line}>
        <Button
          variant="default"
          leftSection={<IconBrowserShare size={16} aria-hidden />}
          loading={open.isPending}
          disabled={under}
          onClick={() => open.mutate()}
        >
          Open signed in
        </Button>
        <span className={classes.words} role="status">
          {under &&
            (phase?.data.phase === "open"
              ? "The window is open. FossaWork's own jobs wait until it is closed."
              : `${phase?.message ?? "Waiting for the browser"}…`)}
        </span>
      </div>
      {problem !== null && !open.isPending && (
        <>
          <ProblemPanel level={3} error={problem} onRetry={() => open.mutate()} />
          {address !== undefined && (
            <a href={address} target="_blank" rel="noreferrer">
              Open the visit in the portal and sign in there
            </a>
          )}
        </>
      )}
    </div>
  );
}
