import { Loader } from "@mantine/core";
import { IconCheck, IconChecks, IconX } from "@tabler/icons-react";
import type { StepView } from "@/api/types";
import { groupFigure, groupOf, type Typing } from "@/lib/runs";
import classes from "./FormTable.module.css";

const WORDS: Record<StepView["state"], string> = {
  waiting: "waiting",
  writing: "being typed",
  written: "written",
  verified: "read back",
  failed: "differs",
};

interface Props {
  groups: StepView[];
  position: number;
  typing: Typing | null;
}

/** The readings of one grade, side by side: how many are in, and whether they were read back. */
export function GroupMarks({ groups, position, typing }: Props) {
  if (groups.length === 0) return null;
  return (
    <span className={classes.groups}>
      {groups.map((step) => {
        const group = groupOf(step);
        const figure = groupFigure(step, position, typing);
        const { state } = step;
        const found = step.found === null ? "" : `. The portal shows: ${step.found}`;
        return (
          <span
            key={step.key}
            className={classes.group}
            data-state={state}
            title={`${step.label}: ${step.wanted}${found}`}
          >
            <span className="visually-hidden">
              side {group?.side}: {figure.done} of {group?.total} readings, {WORDS[state]}
            </span>
            <b aria-hidden>{group?.side}:</b>
            <span aria-hidden>
              {figure.done}/{group?.total}
            </span>
            {figure.typing && <Loader size={10} aria-hidden />}
            {state === "written" && <IconCheck size={12} stroke={2.2} aria-hidden />}
            {state === "verified" && <IconChecks size={13} stroke={2.2} aria-hidden />}
            {state === "failed" && <IconX size={12} stroke={2.2} aria-hidden />}
          </span>
        );
      })}
    </span>
  );
}
