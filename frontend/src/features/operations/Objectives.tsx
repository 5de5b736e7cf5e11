import { Skeleton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import { sloQuery } from "@/api/operations";
import type { Slo } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { percent } from "@/lib/figures";
import { BudgetBar } from "./BudgetBar";
import { ObjectiveDetail } from "./ObjectiveDetail";
import classes from "./Objectives.module.css";
import { burnNow, measuredWords, VERDICTS } from "./objectives";

const route = getRouteApi("/app/operations/");
const ROWS = 6;

/** What is promised, what was measured, how much may still go wrong. */
export function Objectives() {
  const slo = useQuery(sloQuery);
  const { data, error, refetch } = slo;
  return (
    <Section title="Service levels" of={slo} hint="last 30 days">
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Measuring the service levels</span>
            <Skeleton height={`${ROWS * 3.5 + 2}rem`} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : (
        <div className={classes.card}>
          <div className={classes.heads} aria-hidden>
            <span>Promise</span>
            <span>Measured</span>
            <span>Budget</span>
            <span>Burn, last hour</span>
            <span>Verdict</span>
          </div>
          <ul>
            {data.items.map((slo) => (
              <Row key={slo.id} slo={slo} unreadable={data.unreadable.includes(slo.id)} />
            ))}
          </ul>
        </div>
      )}
    </Section>
  );
}

function Row({ slo, unreadable }: { slo: Slo; unreadable: boolean }) {
  const { slo: opened } = route.useSearch();
  const navigate = useNavigate();
  const id = useId();
  const open = opened === slo.id;
  const Icon = open ? IconChevronDown : IconChevronRight;
  const burn = burnNow(slo.burn);
  const { tone, words } = VERDICTS[slo.verdict];
  return (
    <li className={classes.item}>
      <button
        type="button"
        className={classes.row}
        aria-expanded={open}
        aria-controls={id}
        onClick={() =>
          navigate({
            to: "/operations",
            search: open ? {} : { slo: slo.id },
            replace: true,
            resetScroll: false,
          })
        }
      >
        <Icon size={16} className={classes.chevron} aria-hidden />
        <span className={classes.what}>
          <span className={classes.title}>{slo.title}</span>
          <span className={classes.promise}>{slo.promise}</span>
        </span>
        <span className={classes.measured}>
          <span className={classes.label}>Measured </span>
          <span data-none={slo.ratio === null || undefined}>{measuredWords(slo)}</span>
          <span className={classes.target}>of {percent(slo.target)}</span>
        </span>
        <BudgetBar slo={slo} />
        <span className={classes.burn} data-high={burn.high || undefined}>
          <span className={classes.label}>Burn, last hour </span>
          {burn.words}
        </span>
        <StatusDot tone={tone}>{unreadable ? "not readable" : words}</StatusDot>
      </button>
      {open && (
        <div id={id}>
          <ObjectiveDetail slo={slo} />
        </div>
      )}
    </li>
  );
}
