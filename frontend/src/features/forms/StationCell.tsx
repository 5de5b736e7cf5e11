import { IconHelpCircle } from "@tabler/icons-react";
import type { FormPlan, StationType } from "@/api/types";
import { isWritten } from "@/lib/runs";
import grade from "./GradeCell.module.css";
import { readingsBySide } from "./plan";
import classes from "./StationCell.module.css";

export interface StationName {
  key: StationType;
  name: string;
}

interface Props {
  form: FormPlan;
  names: StationName[];
  changed: boolean;
  onChange: (station: StationType) => void;
}

/** The station type that decides the readings, and how many each side gets. */
export function StationCell({ form, names, changed, onChange }: Props) {
  const { station } = form;
  if (station === null) return <span className={classes.none}>no readings</span>;
  const editable = isWritten(form.action);
  const sides = readingsBySide(form.readings);
  const doubt = station.key === null ? "choose one" : station.certain ? null : "assumed, check it";
  return (
    <span className={classes.root}>
      {editable ? (
        <span className={grade.cell} data-changed={changed || undefined}>
          <select
            className={`${grade.select} ${classes.select}`}
            data-unsure={doubt !== null || undefined}
            value={station.key ?? ""}
            title={station.why}
            aria-label={`Station type of ${form.dispenser}${doubt === null ? "" : `, ${doubt}`}`}
            onChange={(event) => onChange(event.currentTarget.value as StationType)}
          >
            {station.key === null && <option value="">Not chosen</option>}
            {names.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </span>
      ) : (
        <span className={classes.still}>{station.name}</span>
      )}
      {doubt !== null && editable && (
        <span className={classes.doubt}>
          <IconHelpCircle size={13} aria-hidden /> {doubt}
        </span>
      )}
      <span className={classes.counts}>
        {sides.length === 0
          ? "no readings"
          : sides.map(([side, readings]) => `side ${side}: ${readings}`).join(" · ")}
      </span>
    </span>
  );
}
