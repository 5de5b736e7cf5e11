import type { GradePlan, Prover } from "@/api/types";
import { GradeChip } from "@/components/GradeChip";
import classes from "./GradeCell.module.css";
import { effective, type GradeChoices, proverName } from "./plan";

interface Props {
  dispenser: string;
  grade: GradePlan;
  provers: Prover[];
  choices: GradeChoices;
  editable: boolean;
  onChange: (change: { metered?: boolean; prover_id?: string }) => void;
}

/** One grade of one dispenser: metered or blended, and its prover. */
export function GradeCell({ dispenser, grade, provers, choices, editable, onChange }: Props) {
  const { metered, proverId, changed } = effective(grade, dispenser, choices);
  const where = `${grade.grade} on ${dispenser}`;
  if (!editable) {
    return (
      <span className={classes.still}>
        <GradeChip grade={grade.grade} metered={metered} known />
        <span className={classes.prover}>{proverName(provers, proverId)}</span>
      </span>
    );
  }
  return (
    <span className={classes.cell} data-changed={changed || undefined}>
      <button
        type="button"
        className={classes.meter}
        data-kind={metered ? "M" : "B"}
        title={changed ? "Chosen by you" : grade.metered_why}
        aria-label={`${where}: ${metered ? "own meter" : "blended"}. Change to ${metered ? "blended" : "own meter"}`}
        onClick={() => onChange({ metered: !metered })}
      >
        {metered ? "M" : "B"}
      </button>
      <select
        className={classes.select}
        value={proverId ?? ""}
        title={changed ? "Chosen by you" : grade.prover_why}
        aria-label={`Prover for ${where}`}
        onChange={(event) => onChange({ prover_id: event.currentTarget.value })}
      >
        {proverId === null && <option value="">none</option>}
        {proverId !== null && !provers.some((prover) => prover.prover_id === proverId) && (
          <option value={proverId}>P{grade.prover_position ?? "?"}</option>
        )}
        {provers.map((prover) => (
          <option key={prover.prover_id} value={prover.prover_id}>
            P{prover.position}
          </option>
        ))}
      </select>
    </span>
  );
}
