import "@mantine/charts/styles.css";
import { ChartTooltip, LineChart } from "@mantine/charts";
import { useId } from "react";
import { ReferenceArea } from "recharts";
import { type ChartRow, gapsOf, isAlone, lineKey, lineLook, timeTick, timeTicks } from "@/lib/chart";
import classes from "./TimeChart.module.css";

interface Props {
  label: string;
  rows: ChartRow[];
  names: string[];
  /** Milliseconds. */
  step: number;
  ticks: number[];
  limit: number | null;
  show: (value: number) => string;
  axis: (value: number) => string;
  /** Names a step. */
  when: (at: number) => string;
  zone: string;
}

/** The drawing of a chart; loaded when it is first needed. What is around it is `ChartCard`'s. */
export default function TimeChart({ label, rows, names, step, ticks, limit, show, axis, when, zone }: Props) {
  const hatch = useId();
  const from = rows[0]?.at ?? 0;
  const to = (rows.at(-1)?.at ?? 0) + step;
  const series = names.map((name, index) => ({
    name: lineKey(index),
    label: name,
    ...lineLook(index),
  }));
  return (
    <LineChart
      className={classes.root}
      data={rows}
      dataKey="at"
      series={series}
      h="100%"
      connectNulls={false}
      curveType="linear"
      strokeWidth={1.75}
      withDots={false}
      gridAxis="x"
      strokeDasharray="0"
      tickLine="none"
      valueFormatter={show}
      lineChartProps={{ title: label, margin: { top: 12, right: 8, bottom: 0, left: 0 } }}
      xAxisProps={{
        type: "number",
        scale: "time",
        domain: [from, to],
        ticks: timeTicks(from, to, zone),
        tickFormatter: (at: number) => timeTick(at, to - from, zone),
        interval: "preserveStartEnd",
      }}
      yAxisProps={{
        domain: [ticks[0] ?? 0, ticks.at(-1) ?? 1],
        ticks,
        tickFormatter: axis,
        interval: 0,
        width: 56,
      }}
      lineProps={(line) => ({
        isAnimationActive: false,
        dot: ({ cx, cy, index }) =>
          index !== undefined && isAlone(rows, index, line.name) ? (
            <circle key={index} cx={cx} cy={cy} r={2} fill={line.color} />
          ) : (
            <g key={index} />
          ),
      })}
      referenceLines={limit === null ? [] : [{ y: limit, color: "var(--fw-bad)" }]}
      tooltipAnimationDuration={0}
      tooltipProps={{
        content: ({ label: at, payload }) => (
          <ChartTooltip
            label={typeof at === "number" ? when(at) : undefined}
            payload={[...(payload ?? [])]}
            series={series}
            valueFormatter={show}
          />
        ),
      }}
    >
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="2" height="6" className={classes.hatch} />
        </pattern>
      </defs>
      {gapsOf(rows, step).map((gap) => (
        <ReferenceArea key={gap.from} x1={gap.from} x2={gap.to} fill={`url(#${hatch})`} fillOpacity={1} />
      ))}
    </LineChart>
  );
}
