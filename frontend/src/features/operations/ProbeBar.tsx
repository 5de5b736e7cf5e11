import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { probesQuery } from "@/api/operations";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { timeTick, timeTicks } from "@/lib/chart";
import { amount, lasting, percent } from "@/lib/figures";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./ProbeBar.module.css";
import { type ProbeRun, probeRuns, probeTotals } from "./probes";

/** What somebody outside saw of the server in the last day. */
export function ProbeBar() {
  const probes = useQuery(probesQuery);
  const { data, error, refetch } = probes;
  return (
    <Section title="Seen from outside" of={probes} hint="last 24 h, every 30 s" card>
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true" className={classes.root}>
            <span className="visually-hidden">Loading the probes</span>
            <Skeleton height={32} />
            <Skeleton height={40} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : (
        <Strip runs={probeRuns(data.steps, data.step_seconds)} />
      )}
    </Section>
  );
}

const iso = (at: number): string => new Date(at).toISOString();

function Strip({ runs }: { runs: ProbeRun[] }) {
  const zone = useZone();
  const from = runs[0]?.from ?? 0;
  const to = runs.at(-1)?.to ?? 0;
  const span = Math.max(1, to - from);
  const totals = probeTotals(runs);
  const none = totals.unknown === 1;
  const bad = runs.filter((run) => run.state === "bad").reverse();
  return (
    <div className={classes.root}>
      <div className={classes.strip} aria-hidden>
        {runs.map((run) => (
          <span
            key={run.from}
            className={classes.run}
            data-state={run.state}
            style={{ flexGrow: run.steps }}
            title={`${instantText(iso(run.from), zone)}, ${lasting((run.to - run.from) / 1000)}: ${WORDS[run.state]}`}
          />
        ))}
      </div>
      <div className={classes.hours} aria-hidden>
        {timeTicks(from, to, zone, 8).map((at) => (
          <span key={at} style={{ left: `${((at - from) / span) * 100}%` }}>
            {timeTick(at, span, zone)}
          </span>
        ))}
      </div>
      <ul className={classes.legend}>
        <li data-state="good">{count(Math.round(totals.good), "good probe")}</li>
        <li data-state="bad">{amount(totals.bad)} bad</li>
        <li data-state="maintenance">{amount(totals.maintenance)} in planned maintenance</li>
        <li data-state="unknown">
          {none ? "nothing known: no probe was made" : `${percent(totals.unknown, 1)} of the time not probed`}
        </li>
      </ul>
      {none && (
        <p className="muted">
          A watcher on another machine makes these probes. Start one there:{" "}
          <span className="mono">fossawork watch</span>
        </p>
      )}
      {bad.length > 0 && (
        <ul className={classes.bad}>
          {bad.slice(0, 4).map((run) => (
            <li key={run.from}>
              Bad {instantText(iso(run.from), zone)}, for up to {lasting((run.to - run.from) / 1000)}:{" "}
              {amount(run.bad)} of {amount(run.bad + run.good)} probes
            </li>
          ))}
          {bad.length > 4 && <li>and {count(bad.length - 4, "more time")}</li>}
        </ul>
      )}
    </div>
  );
}

const WORDS: Record<ProbeRun["state"], string> = {
  good: "good",
  bad: "bad",
  maintenance: "planned maintenance",
  unknown: "not probed",
};
