import { ActionIcon, Button } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useId } from "react";
import type { Flow, Procedure } from "@/api/types";
import { errorAt } from "@/lib/problems";
import { FIGURES } from "@/lib/readings";
import {
  addRow,
  changeRow,
  type Draft,
  MOST_READINGS,
  moveRow,
  type Row,
  removeRow,
  rowErrors,
  type TABLES,
} from "./edit";
import classes from "./TemplateEditor.module.css";

interface Props {
  table: (typeof TABLES)[number];
  draft: Draft;
  onDraft: (draft: Draft) => void;
  procedures: Procedure[];
  /** The procedure of a first row. */
  first: Procedure;
  errors: Record<string, string>;
}

/** One table of a template: a row per reading, in the order in which they stand on the form. */
export function ReadingsTable({ table, draft, onDraft, procedures, first, errors }: Props) {
  const id = useId();
  const rows = draft[table.key];
  const whole = errors[table.key];
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h3 id={id} className={classes.title}>
          {table.title}
        </h3>
        <p className="muted">{table.text}</p>
      </div>
      {rows.length === 0 ? (
        <p className={classes.nothing}>No readings: nothing is typed there.</p>
      ) : (
        <table className={classes.table} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Procedure</th>
              <th scope="col">Flow</th>
              {FIGURES.map(({ key, label }) => (
                <th key={key} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">
                <span className="visually-hidden">Move and remove</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              <ReadingRow
                key={row.id}
                row={row}
                index={index}
                count={rows.length}
                field={`${table.key}.${index}`}
                label={`${table.title}, reading ${index + 1}`}
                procedures={procedures}
                errors={errors}
                onChange={(change) => onDraft(changeRow(draft, table.key, row.id, change))}
                onMove={(by) => onDraft(moveRow(draft, table.key, row.id, by))}
                onRemove={() => onDraft(removeRow(draft, table.key, row.id))}
              />
            ))}
          </tbody>
        </table>
      )}
      {whole !== undefined && (
        <p className={classes.error} role="alert">
          {whole}
        </p>
      )}
      <div>
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconPlus size={15} aria-hidden />}
          disabled={rows.length >= MOST_READINGS}
          onClick={() => onDraft(addRow(draft, table.key, first))}
          aria-label={`Add a reading to ${table.title}`}
        >
          {rows.length >= MOST_READINGS ? `At most ${MOST_READINGS} readings` : "Add a reading"}
        </Button>
      </div>
    </section>
  );
}

interface RowProps {
  row: Row;
  index: number;
  count: number;
  /** As the server names it: `metered.0`. */
  field: string;
  label: string;
  procedures: Procedure[];
  errors: Record<string, string>;
  onChange: (change: Partial<Row>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}

function ReadingRow({
  row,
  index,
  count,
  field,
  label,
  procedures,
  errors,
  onChange,
  onMove,
  onRemove,
}: RowProps) {
  const id = useId();
  const said = rowErrors(errors, field);
  const bad = (part: string) =>
    errorAt(errors, `${field}.${part}`) === undefined ? {} : { "aria-invalid": true, "aria-describedby": id };
  const onKey = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
  };
  return (
    <>
      <tr onKeyDown={onKey}>
        <td className={classes.place}>{index + 1}</td>
        <td className={classes.procedure}>
          <select
            value={row.procedure}
            aria-label={`${label}: procedure`}
            onChange={(event) => onChange({ procedure: event.currentTarget.value as Procedure })}
            {...bad("procedure")}
          >
            {procedures.map((procedure) => (
              <option key={procedure}>{procedure}</option>
            ))}
          </select>
        </td>
        <td className={classes.flow}>
          <span className={classes.phoneLabel} aria-hidden>
            Flow
          </span>
          <select
            value={row.flow}
            aria-label={`${label}: flow`}
            onChange={(event) => onChange({ flow: event.currentTarget.value as Flow })}
            {...bad("flow")}
          >
            <option value="fast">Fast</option>
            <option value="slow">Slow</option>
          </select>
        </td>
        {FIGURES.map(({ key, label: name }) => (
          <td key={key} className={classes.figure}>
            <span className={classes.phoneLabel} aria-hidden>
              {name}
            </span>
            <input
              type="text"
              inputMode="decimal"
              autoComplete="off"
              placeholder="–"
              maxLength={12}
              value={row.figures[key]}
              aria-label={`${label}: ${name}`}
              onChange={(event) =>
                onChange({ figures: { ...row.figures, [key]: event.currentTarget.value } })
              }
              {...bad(key)}
            />
          </td>
        ))}
        <td className={classes.buttons}>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={index === 0}
            aria-label={`Move ${label} up`}
            title="Up  Alt ↑"
            onClick={() => onMove(-1)}
          >
            <IconArrowUp size={16} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            disabled={index === count - 1}
            aria-label={`Move ${label} down`}
            title="Down  Alt ↓"
            onClick={() => onMove(1)}
          >
            <IconArrowDown size={16} />
          </ActionIcon>
          <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${label}`} onClick={onRemove}>
            <IconX size={16} />
          </ActionIcon>
        </td>
      </tr>
      {said.length > 0 && (
        <tr className={classes.errorRow}>
          <td />
          <td colSpan={8}>
            <p id={id} className={classes.error} role="alert">
              {said.join(" ")}
            </p>
          </td>
        </tr>
      )}
    </>
  );
}
