import { Skeleton } from "@mantine/core";
import { lazy, Suspense, useId, useState } from "react";
import type { ChartLine } from "@/api/types";
import { type ChartRow, lineKey, lineLook, rowsOf, summaryOf, tableOf, valueTicks } from "@/lib/chart";
import { axisTick, inUnit, limitWords } from "@/lib/figures";
import { capital } from "@/lib/operations";
import { dayDate, instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./ChartCard.module.css";
import { ScrollRegion } from "./ScrollRegion";

const TimeChart = lazy(() => import("./TimeChart"));

interface Props {
  title: string;
  lines: ChartLine[];
  unit: string;
  stepSeconds: number;
  /** Each step is a day of UTC: it is named by its date, which passes through no other zone. */
  days?: boolean;
  /** Crossing it is trouble. */
  threshold?: number | null;
  thresholdName?: string;
  /** What the highest and lowest value are at least, so that a share is seen against the whole. */
  range?: [number, number];
  level?: 2 | 3;
}

/** Where the limit is so far above everything that drawing it would flatten the lines. */
const FAR = 5;

/** A chart with its latest values in words, its limit, its gaps, and the same figures as a table. */
export function ChartCard({
  title,
  lines,
  unit,
  stepSeconds,
  days = false,
  threshold = null,
  thresholdName = "limit",
  range,
  level = 2,
}: Props) {
  const own = useZone();
  const zone = days ? "UTC" : own;
  const when = (at: number): string => {
    const instant = new Date(at).toISOString();
    return days ? dayDate(instant) : instantText(instant, zone);
  };
  const rows = rowsOf(lines);
  const sums = lines.map((_, index) => summaryOf(rows, lineKey(index)));
  const highest = Math.max(0, ...sums.map((sum) => sum.highest ?? 0));
  const lowest = Math.min(0, ...lines.flatMap((line) => line.points.map((point) => point.value ?? 0)));
  const empty = sums.every((sum) => sum.missing === sum.steps);
  const drawn = threshold !== null && (range !== undefined || threshold <= highest * FAR) ? threshold : null;
  const ticks = valueTicks(
    Math.min(lowest, range?.[0] ?? 0),
    Math.max(highest, drawn ?? 0, range?.[1] ?? 0) || 1,
    4,
  );
  const Heading = `h${level}` as const;
  const gaps = rows.filter((row) => lines.every((_, index) => row[lineKey(index)] === null)).length;
  const id = useId();
  return (
    <section className={classes.root} aria-labelledby={id}>
      <div className={classes.head}>
        <Heading id={id} className={classes.title}>
          {title}
        </Heading>
        <Coverage missing={gaps} steps={rows.length} stepSeconds={stepSeconds} />
      </div>
      <ul className={classes.legend}>
        {lines.map((line, index) => (
          <li key={line.name} className={classes.line}>
            <Swatch {...lineLook(index)} />
            <span className={classes.name}>{line.name}</span>
            <span className={classes.value}>
              {sums[index]?.last == null ? "no data" : inUnit(sums[index].last, unit)}
            </span>
          </li>
        ))}
        {threshold !== null && (
          <li className={classes.line}>
            {drawn !== null && <Swatch color="var(--fw-bad)" width={1.25} />}
            <span className={classes.limit}>
              {thresholdName} {limitWords(threshold, unit)}
              {drawn === null && ", far above"}
            </span>
          </li>
        )}
      </ul>
      <div className={classes.plot}>
        {empty ? (
          <p className={classes.empty}>Nothing was measured in this time.</p>
        ) : (
          <Suspense fallback={<Skeleton height="100%" />}>
            <TimeChart
              label={title}
              rows={rows}
              names={lines.map((line) => line.name)}
              step={stepSeconds * 1000}
              ticks={ticks}
              limit={drawn}
              show={(value) => inUnit(value, unit)}
              axis={(value) => axisTick(value, unit, ticks.at(-1) ?? 1)}
              when={when}
              zone={zone}
            />
          </Suspense>
        )}
      </div>
      {!empty && <Figures title={title} rows={rows} lines={lines} unit={unit} when={when} />}
    </section>
  );
}

function Swatch({
  color,
  strokeDasharray,
  width = 2.5,
}: {
  color: string;
  strokeDasharray?: string;
  width?: number;
}) {
  return (
    <svg className={classes.swatch} viewBox="0 0 22 8" aria-hidden="true">
      <path d="M0 4H22" fill="none" stroke={color} strokeDasharray={strokeDasharray} strokeWidth={width} />
    </svg>
  );
}

const stepWords = (seconds: number): string =>
  seconds >= 86_400
    ? "day"
    : seconds >= 3600
      ? `${seconds / 3600} h`
      : seconds >= 60
        ? `${seconds / 60} min`
        : `${seconds} s`;

function Coverage({ missing, steps, stepSeconds }: { missing: number; steps: number; stepSeconds: number }) {
  return (
    <p className={classes.coverage}>
      {missing === 0 ? `every ${stepWords(stepSeconds)}` : `${missing} of ${steps} steps without data`}
    </p>
  );
}

interface FiguresProps {
  title: string;
  rows: ChartRow[];
  lines: ChartLine[];
  unit: string;
  when: (at: number) => string;
}

function Figures({ title, rows, lines, unit, when }: FiguresProps) {
  const [open, setOpen] = useState(false);
  return (
    <details className={classes.figures} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Figures<span className="visually-hidden"> of {title}</span>
      </summary>
      {open && (
        <ScrollRegion label={`Figures of ${title}`} className={classes.scroll}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">From</th>
                {lines.map((line) => (
                  <th key={line.name} scope="col">
                    {capital(line.name)}, mean (highest)
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tableOf(rows, lines.length).map((row) => (
                <tr key={row.from}>
                  <th scope="row">{when(row.from)}</th>
                  {row.lines.map((value, index) => (
                    <td key={lines[index]?.name}>
                      {value === null ? (
                        <span className="muted">no data</span>
                      ) : (
                        `${inUnit(value.mean, unit)} (${inUnit(value.highest, unit)})`
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </details>
  );
}
