import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runsQuery } from "@/api/queries";
import type { FormRun } from "@/api/types";
import { StatusDot } from "@/components/StatusDot";
import type { Tone } from "@/lib/operations";
import { verdictSummary } from "@/lib/runs";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./FormsPage.module.css";

const toneOf = (run: FormRun): { tone: Tone; words: string } => {
  switch (run.state) {
    case "failed":
      return { tone: "bad", words: "ended early" };
    case "stopped":
      return { tone: "warn", words: "stopped" };
    case "finished": {
      const person = run.forms.some((form) => form.verdict === "needs_human" || form.verdict === "not_done");
      return person ? { tone: "warn", words: "finished" } : { tone: "ok", words: "finished" };
    }
    case "skipped":
      return { tone: "idle", words: "skipped" };
    case "paused":
      return { tone: "warn", words: "paused" };
    case "queued":
      return { tone: "idle", words: "waiting" };
    default:
      return { tone: "busy", words: "running" };
  }
};

export function EarlierRuns({ visitId, current }: { visitId: number; current: string | null }) {
  const zone = useZone();
  const { data } = useQuery(runsQuery(visitId));
  const runs = data?.items ?? [];
  if (runs.length === 0 || (runs.length === 1 && runs[0]?.id === current)) return null;
  return (
    <section aria-labelledby="runs">
      <h2 id="runs" className={classes.sectionTitle}>
        {current === null ? "Earlier runs" : "Runs of this visit"}
      </h2>
      <ul className={classes.runs}>
        {runs.map((run) => {
          const { tone, words } = toneOf(run);
          return (
            <li key={run.id}>
              <Link
                to="/visits/$visitId/forms"
                params={{ visitId: String(visitId) }}
                search={{ run: run.id }}
                className={classes.run}
                aria-current={run.id === current ? "true" : undefined}
              >
                <span className={classes.runWhen}>{instantText(run.asked_at, zone)}</span>
                <StatusDot tone={tone}>{words}</StatusDot>
                <span className={classes.runText}>{verdictSummary(run)}</span>
                <span className="muted">{run.asked_by}</span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
