import { Loader } from "@mantine/core";
import { IconCheck, IconChecks, IconX } from "@tabler/icons-react";
import type { Prover, StepView } from "@/api/types";
import { GradeChip } from "@/components/GradeChip";
import classes from "./FormTable.module.css";
import { wantedParts } from "./plan";

const STEP_WORDS: Record<StepView["state"], string> = {
  waiting: "waiting",
  writing: "writing",
  written: "written",
  verified: "read back",
  failed: "differs",
};

/** One step of a run: what is wanted, in the plan's own signs, and how far it is. `over`: the run has ended. */
export function StepCell({ step, provers, over }: { step: StepView; provers: Prover[]; over: boolean }) {
  const parts = wantedParts(step.wanted);
  const place = provers.find((prover) => prover.prover_id === parts?.proverId)?.position;
  const found = step.found === null ? "" : `. The portal shows: ${step.found}`;
  return (
    <span className={classes.step} data-state={step.state} title={`${step.wanted}${found}`}>
      {parts === null ? (
        <span className={classes.wanted}>{step.wanted}</span>
      ) : (
        <span className={classes.signs}>
          <GradeChip grade={step.label} metered={parts.metered} known />
          <span>{place === undefined ? parts.proverId : `P${place}`}</span>
        </span>
      )}
      <span className={classes.stepState}>
        {step.state === "writing" && <Loader size={11} />}
        {step.state === "written" && <IconCheck size={13} stroke={2.2} aria-hidden />}
        {step.state === "verified" && <IconChecks size={14} stroke={2.2} aria-hidden />}
        {step.state === "failed" && <IconX size={13} stroke={2.2} aria-hidden />}
        {over && step.state === "waiting" ? "not written" : STEP_WORDS[step.state]}
      </span>
    </span>
  );
}
