import { ActionIcon, Loader } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCheck,
  IconChecks,
  IconChevronDown,
  IconChevronRight,
  IconClock,
  IconExternalLink,
  IconMinus,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { proversQuery } from "@/api/queries";
import type { FormRun, RunForm, StepView } from "@/api/types";
import { ScrollRegion } from "@/components/ScrollRegion";
import { lasting } from "@/lib/figures";
import { groupOf, isReadings, type Typing } from "@/lib/runs";
import { EvidenceView } from "./EvidenceView";
import classes from "./FormTable.module.css";
import { GroupMarks } from "./GroupMarks";
import { ACTION_WORDS, byUrgency, gradeColumns } from "./plan";
import { StepCell } from "./StepCell";

const VERDICTS = {
  verified: { words: "Verified", Icon: IconChecks },
  already_done: { words: "Complete already", Icon: IconCheck },
  not_done: { words: "Not done", Icon: IconMinus },
  needs_human: { words: "Needs you", Icon: IconAlertTriangle },
} as const;

function Outcome({ form }: { form: RunForm }) {
  if (form.verdict === null) {
    return form.running ? (
      <span className={classes.mark} data-verdict="running">
        <Loader size={13} /> Working
      </span>
    ) : (
      <span className={classes.mark} data-verdict="waiting">
        <IconClock size={14} aria-hidden />{" "}
        {form.steps.some((step) => step.state !== "waiting") ? "Begun" : ACTION_WORDS[form.action]}
      </span>
    );
  }
  const { words, Icon } = VERDICTS[form.verdict];
  return (
    <span className={classes.mark} data-verdict={form.verdict}>
      <Icon size={15} stroke={2} aria-hidden /> {words}
      {form.seconds !== null && form.seconds > 0 && (
        <span className="muted num">{lasting(form.seconds)}</span>
      )}
    </span>
  );
}

const isGrade = (step: StepView): boolean => step.key.startsWith("grade:");

const gradeOf = (step: StepView): string | null =>
  isGrade(step) ? step.label : (groupOf(step)?.grade ?? null);

interface Props {
  run: FormRun;
  columns: string[];
  live: boolean;
  typing?: Typing | null;
}

/** The plan's own table while it runs and afterwards: the same cells, now with what was written and read back. */
export function RunTable({ run, columns, live, typing = null }: Props) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const provers = useQuery(proversQuery).data?.items ?? [];
  const grades = gradeColumns(
    run.forms.map((form) => ({ grades: form.steps.map(gradeOf).filter((grade) => grade !== null) })),
    columns,
  );
  const forms = live ? run.forms : byUrgency(run.forms);
  const toggle = (position: number) => {
    const next = new Set(open);
    if (!next.delete(position)) next.add(position);
    setOpen(next);
  };
  return (
    <ScrollRegion className={classes.scroll} label={live ? "Run, form by form" : "Result, form by form"}>
      <table className={classes.table}>
        <caption className="visually-hidden">{live ? "Forms being prepared" : "Result of the run"}</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.label}>
              Disp.
            </th>
            <th scope="col" className={classes.action}>
              {live ? "State" : "Verdict"}
            </th>
            <th scope="col" className={classes.grade}>
              Equipment
            </th>
            {grades.map((grade) => (
              <th key={grade} scope="col" className={classes.grade}>
                {grade}
              </th>
            ))}
            <th scope="col" className={classes.toggle}>
              <span className="visually-hidden">Evidence</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {forms.map((form) => {
            const shown = open.has(form.position);
            const Icon = shown ? IconChevronDown : IconChevronRight;
            const equipment = form.steps.filter((step) => !isGrade(step) && !isReadings(step));
            const detail = form.evidence !== null || form.steps.length > 0;
            return (
              <Fragment key={form.position}>
                <tr data-current={form.running || undefined}>
                  <th scope="row" className={classes.label}>
                    {form.dispenser}
                  </th>
                  <td className={classes.action}>
                    <Outcome form={form} />
                    {form.reason !== null && <p className={classes.why}>{form.reason}</p>}
                    {form.what_to_do !== null && <p className={classes.ask}>{form.what_to_do}</p>}
                    {form.entry_url !== null && form.verdict !== null && (
                      <a href={form.entry_url} target="_blank" rel="noreferrer" className={classes.why}>
                        Form {form.entry_id} <IconExternalLink size={12} aria-hidden />
                        <span className="visually-hidden"> of dispenser {form.dispenser} in the portal</span>
                      </a>
                    )}
                  </td>
                  <td className={classes.grade} data-empty={equipment.length === 0 || undefined}>
                    {equipment.length === 0 ? (
                      <span className={classes.none} aria-hidden>
                        –
                      </span>
                    ) : (
                      <>
                        <span className={classes.phoneLabel}>Equipment</span>
                        {equipment.map((step) => (
                          <StepCell key={step.key} step={step} provers={provers} over={!live} />
                        ))}
                      </>
                    )}
                  </td>
                  {grades.map((name) => {
                    const step = form.steps.find((one) => isGrade(one) && one.label === name);
                    const groups = form.steps.filter((one) => groupOf(one)?.grade === name);
                    const empty = step === undefined && groups.length === 0;
                    return (
                      <td key={name} className={classes.grade} data-empty={empty || undefined}>
                        {empty ? (
                          <span className={classes.none} aria-hidden>
                            –
                          </span>
                        ) : (
                          <>
                            <span className={classes.phoneLabel}>{name}</span>
                            <span className={classes.cellStack}>
                              {step !== undefined && <StepCell step={step} provers={provers} over={!live} />}
                              <GroupMarks groups={groups} position={form.position} typing={typing} />
                            </span>
                          </>
                        )}
                      </td>
                    );
                  })}
                  <td className={classes.toggle}>
                    {detail && !live && (
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-expanded={shown}
                        aria-label={`Evidence for dispenser ${form.dispenser}`}
                        onClick={() => toggle(form.position)}
                      >
                        <Icon size={16} />
                      </ActionIcon>
                    )}
                  </td>
                </tr>
                {shown && !live && (
                  <tr className={classes.more}>
                    <td colSpan={grades.length + 4}>
                      <EvidenceView form={form} runId={run.id} />
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
