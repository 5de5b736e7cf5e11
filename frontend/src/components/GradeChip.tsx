import classes from "./GradeChip.module.css";

interface Props {
  grade: string;
  metered: boolean;
  known: boolean;
}

export const meterWords = (metered: boolean, known: boolean): string =>
  known ? (metered ? "own meter" : "blended") : "not known";

/** Metered is solid, blended outlined, unknown dashed. */
export function GradeChip({ grade, metered, known }: Props) {
  const kind = known ? (metered ? "M" : "B") : "?";
  const words = `${grade}: ${meterWords(metered, known)}`;
  return (
    <span className={classes.chip} data-kind={kind} title={words}>
      <span aria-hidden>{kind}</span>
      <span className="visually-hidden">{meterWords(metered, known)}</span>
    </span>
  );
}
