import type { SyncRun } from "@/api/types";
import { useNow } from "@/components/Ago";
import { LiveBar } from "@/components/LiveBar";
import { StatusDot } from "@/components/StatusDot";
import { lasting } from "@/lib/figures";
import { useJobEvents } from "@/lib/jobs";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./SyncPage.module.css";

const SHOWN = 6;

/** A sync under way: bar, sentence, and the newest lines of what it has done. */
export function SyncRunning({ run }: { run: SyncRun }) {
  const now = useNow(1);
  const zone = useZone();
  const events = useJobEvents(run.id);
  const since = run.started_at ?? run.asked_at;
  return (
    <section className={classes.running} aria-label="Status">
      <div className={classes.runningHead}>
        <StatusDot tone="busy">{run.state === "queued" ? "Waiting to start" : "Sync is running"}</StatusDot>
        <span className="muted num">
          {lasting(Math.max(0, Math.floor((now - Date.parse(since)) / 1000)))}
        </span>
      </div>
      <LiveBar label="Sync" sentence={run.progress ?? "Starting"} done={run.done} total={run.total} />
      {events.length > 0 && (
        <ol className={classes.log}>
          {events
            .slice(-SHOWN)
            .reverse()
            .map((event) => (
              <li key={event.id}>
                <time dateTime={event.at}>{instantText(event.at, zone, true).split(", ")[1]}</time>
                <span>{event.message}</span>
              </li>
            ))}
        </ol>
      )}
    </section>
  );
}
