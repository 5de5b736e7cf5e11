import { Loader } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import classes from "./Steps.module.css";

export type StepTone = "waiting" | "active" | "done" | "failed";

export interface Step {
  key: string;
  label: string;
  tone: StepTone;
  note?: string;
}

/** Live steps of a short job, one under the other. */
export function Steps({ steps, label }: { steps: Step[]; label: string }) {
  return (
    <ol className={classes.root} aria-label={label} aria-live="polite">
      {steps.map((step) => (
        <li key={step.key} className={classes.step} data-tone={step.tone}>
          <span className={classes.mark} aria-hidden>
            {step.tone === "done" && <IconCheck size={14} stroke={2.4} />}
            {step.tone === "failed" && <IconX size={14} stroke={2.4} />}
            {step.tone === "active" && <Loader size={14} />}
          </span>
          <span>
            {step.label}
            {step.note !== undefined && <span className={classes.note}>{step.note}</span>}
          </span>
          <span className="visually-hidden">
            {{ done: "done", failed: "failed", active: "under way", waiting: "not yet" }[step.tone]}
          </span>
        </li>
      ))}
    </ol>
  );
}
