import { ActionIcon } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import type { FormPlan, Prover } from "@/api/types";
import { Notices } from "@/components/Notices";
import { isWritten } from "@/lib/runs";
import { ActionMark } from "./ActionMark";
import classes from "./FormTable.module.css";
import { GradeCell } from "./GradeCell";
import { ACTION_WORDS, type Choices, choose, gradeColumns, limitWords, proverName } from "./plan";
import { ReadingList } from "./ReadingList";
import { StationCell, type StationName } from "./StationCell";

interface Props {
  forms: FormPlan[];
  /** The forms as they are planned without the person's choices. */
  base: FormPlan[];
  stations: StationName[];
  columns: string[];
  provers: Prover[];
  choices: Choices;
  onChoices: (choices: Choices) => void;
}

/** The plan: a row per dispenser, a column per grade; the same cells later show the run. */
export function PlanTable({ forms, base, stations, columns, provers, choices, onChoices }: Props) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const grades = gradeColumns(
    forms.map((form) => ({ grades: form.grades.map((grade) => grade.grade) })),
    columns,
  );
  const withReadings = forms.some((form) => form.station !== null);
  const width = grades.length + (withReadings ? 4 : 3);
  const baseGrade = (dispenser: string, grade: string) =>
    base.find((form) => form.dispenser === dispenser)?.grades.find((one) => one.grade === grade) ?? { grade };
  const toggle = (row: number) => {
    const next = new Set(open);
    if (!next.delete(row)) next.add(row);
    setOpen(next);
  };
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <caption className="visually-hidden">Plan: what happens to each dispenser's form</caption>
        <thead>
          <tr>
            <th scope="col" className={classes.label}>
              Disp.
            </th>
            <th scope="col" className={classes.action}>
              What happens
            </th>
            {grades.map((grade) => (
              <th key={grade} scope="col" className={classes.grade}>
                {grade}
              </th>
            ))}
            {withReadings && (
              <th scope="col" className={classes.station}>
                Station and readings
              </th>
            )}
            <th scope="col" className={classes.toggle}>
              <span className="visually-hidden">Details</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {forms.map((form, row) => {
            const shown = open.has(row);
            const Icon = shown ? IconChevronDown : IconChevronRight;
            const limit = limitWords(form);
            return (
              <Fragment key={`${row} ${form.dispenser}`}>
                <tr data-action={form.action}>
                  <th scope="row" className={classes.label}>
                    {form.dispenser}
                  </th>
                  <td className={classes.action}>
                    <ActionMark action={form.action} words={ACTION_WORDS[form.action]} />
                    <p className={classes.why}>
                      {form.reasons.join(" ")}
                      {limit !== null && <b> {limit}</b>}
                    </p>
                  </td>
                  {grades.map((name) => {
                    const grade = form.grades.find((one) => one.grade === name);
                    return (
                      <td key={name} className={classes.grade} data-empty={grade === undefined || undefined}>
                        {grade === undefined ? (
                          <span className={classes.none} aria-hidden>
                            –
                          </span>
                        ) : (
                          <>
                            <span className={classes.phoneLabel} aria-hidden>
                              {name}
                            </span>
                            <GradeCell
                              dispenser={form.dispenser}
                              grade={grade}
                              provers={provers}
                              choices={choices.grades}
                              editable={isWritten(form.action)}
                              onChange={(change) =>
                                onChoices({
                                  ...choices,
                                  grades: choose(
                                    choices.grades,
                                    form.dispenser,
                                    baseGrade(form.dispenser, name),
                                    change,
                                  ),
                                })
                              }
                            />
                          </>
                        )}
                      </td>
                    );
                  })}
                  {withReadings && (
                    <td className={classes.station}>
                      <span className={classes.phoneLabel} aria-hidden>
                        Readings
                      </span>
                      <StationCell
                        form={form}
                        names={stations}
                        changed={form.dispenser in choices.stations}
                        onChange={(station) =>
                          onChoices({
                            ...choices,
                            stations: { ...choices.stations, [form.dispenser]: station },
                          })
                        }
                      />
                    </td>
                  )}
                  <td className={classes.toggle}>
                    <ActionIcon
                      variant="subtle"
                      color="gray"
                      aria-expanded={shown}
                      aria-label={`Reasons and readings of dispenser ${form.dispenser}`}
                      onClick={() => toggle(row)}
                    >
                      <Icon size={16} />
                    </ActionIcon>
                  </td>
                </tr>
                {form.warnings.length > 0 && (
                  <tr className={classes.more}>
                    <td colSpan={width}>
                      <Notices notices={form.warnings} />
                    </td>
                  </tr>
                )}
                {shown && (
                  <tr className={classes.more}>
                    <td colSpan={width}>
                      <dl className={classes.reasons}>
                        {form.grades.map((grade) => (
                          <div key={grade.grade}>
                            <dt>{grade.grade}</dt>
                            <dd>
                              {grade.metered ? "Own meter" : "Blended"}: {grade.metered_why}
                              <br />
                              {proverName(provers, grade.prover_id)}: {grade.prover_why}
                            </dd>
                          </div>
                        ))}
                      </dl>
                      <ReadingList form={form} />
                      <p className="muted num">
                        {[
                          [form.make, form.model].filter(Boolean).join(" ") || "make and model not known",
                          form.entry_id === null ? null : `form ${form.entry_id} in the portal`,
                        ]
                          .filter(Boolean)
                          .join(" · ")}
                      </p>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
