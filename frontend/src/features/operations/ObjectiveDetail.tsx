import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { sloHistoryQuery } from "@/api/operations";
import type { BurnRate, Slo, SloPart } from "@/api/types";
import { ChartCard } from "@/components/ChartCard";
import { ProblemPanel } from "@/components/ProblemPanel";
import { ScrollRegion } from "@/components/ScrollRegion";
import { StatusDot } from "@/components/StatusDot";
import { amount, lasting, percent, seconds, times } from "@/lib/figures";
import { capital, plain } from "@/lib/operations";
import classes from "./ObjectiveDetail.module.css";
import { budgetUse, TIERS, VERDICTS } from "./objectives";

const DAY = 86_400;

/** What an objective rests on: how it is measured, its budget day by day, and how fast it burns in each window. */
export function ObjectiveDetail({ slo }: { slo: Slo }) {
  return (
    <div className={classes.root}>
      <div className={classes.words}>
        <p>{slo.why}</p>
        <p className="muted">{slo.indicator}.</p>
        <p className="muted">
          {budgetUse(slo)} in {slo.window_days} days.
          {slo.coverage !== null &&
            ` ${percent(slo.coverage, 1)} of this time was probed; nothing is known of the rest.`}
        </p>
      </div>
      <History id={slo.id} title={slo.title} />
      <Burn burn={slo.burn} />
      {slo.parts.some((part) => part.p95_seconds !== null || part.name !== "") && <Parts parts={slo.parts} />}
    </div>
  );
}

function History({ id, title }: { id: string; title: string }) {
  const { data, error, refetch } = useQuery(sloHistoryQuery(id));
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <span className="visually-hidden">Loading the budget of 30 days</span>
        <Skeleton height={272} radius={10} />
      </div>
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
    );
  }
  return (
    <ChartCard
      title={`Budget left, ${title.toLowerCase()}`}
      level={3}
      unit="share"
      stepSeconds={DAY}
      days
      range={[0, 1]}
      threshold={0}
      thresholdName="used up at"
      lines={[
        {
          name: "left at the end of the day (UTC)",
          unit: "share",
          points: data.days.map(({ day, left }) => ({ at: `${day}T00:00:00Z`, value: left })),
        },
      ]}
    />
  );
}

const rate = (value: number | null): string => (value === null ? "no data" : times(value));

function Burn({ burn }: { burn: BurnRate[] }) {
  return (
    <>
      <p className={classes.caption}>How fast the budget burns. 1× uses it up in exactly 30 days.</p>
      <ScrollRegion label="How fast the budget burns" className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Tier</th>
              <th scope="col">Long window</th>
              <th scope="col">Short window</th>
              <th scope="col">Fires above</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {burn.map((tier) => (
              <tr key={tier.tier}>
                <th scope="row">{TIERS[tier.tier] ?? capital(plain(tier.tier))}</th>
                <td>
                  {rate(tier.long_rate)} <span className="muted">in {lasting(tier.long_seconds)}</span>
                </td>
                <td>
                  {rate(tier.short_rate)} <span className="muted">in {lasting(tier.short_seconds)}</span>
                </td>
                <td>both {times(tier.factor)}</td>
                <td>
                  {tier.firing ? (
                    <StatusDot tone="bad">burns too fast</StatusDot>
                  ) : tier.long_rate === null ? (
                    <StatusDot tone="unknown">no data</StatusDot>
                  ) : (
                    <StatusDot tone="ok">calm</StatusDot>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </>
  );
}

const time = (value: number | null): string => (value === null ? "no data" : seconds(value));

function Parts({ parts }: { parts: SloPart[] }) {
  const timed = parts.some((part) => part.p95_seconds !== null);
  return (
    <>
      <p className={classes.caption}>The events behind it, last 30 days.</p>
      <ScrollRegion label="The measured events" className={classes.scroll}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Series</th>
              <th scope="col">Good of all</th>
              {timed && (
                <>
                  <th scope="col">p50</th>
                  <th scope="col">p95</th>
                  <th scope="col">p99</th>
                </>
              )}
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {parts.map((part) => (
              <tr key={part.name}>
                <th scope="row">{part.name === "" ? "All" : capital(plain(part.name))}</th>
                <td>
                  {amount(part.good)} of {amount(part.total)}
                </td>
                {timed && (
                  <>
                    <td>{time(part.p50_seconds)}</td>
                    <td>{time(part.p95_seconds)}</td>
                    <td>{time(part.p99_seconds)}</td>
                  </>
                )}
                <td>
                  <StatusDot tone={VERDICTS[part.verdict].tone}>{VERDICTS[part.verdict].words}</StatusDot>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </>
  );
}
