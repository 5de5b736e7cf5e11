import type { EscalationLevel, EscalationRow } from "@/api/types";
import { ScrollRegion } from "@/components/ScrollRegion";
import { Section } from "@/components/Section";
import { capital, KINDS, roleName } from "@/lib/operations";
import { list } from "@/lib/words";
import classes from "./OnCallPage.module.css";

const LEVELS = [1, 2, 3];

/** Whom each kind of trouble calls at which level, and whether anybody stands there now. */
export function Matrix({ rows }: { rows: EscalationRow[] }) {
  return (
    <Section title="Who is called for what" hint="as it would be now">
      <ScrollRegion label="Who is called for what" className={classes.tableCard}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Trouble</th>
              {LEVELS.map((level) => (
                <th key={level} scope="col">
                  Level {level}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.kind}>
                <th scope="row">{KINDS[row.kind]}</th>
                {LEVELS.map((level) => (
                  <td key={level}>
                    <Level level={row.levels.find((one) => one.level === level)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}

function Level({ level }: { level: EscalationLevel | undefined }) {
  if (level === undefined) return <span className="muted">not set</span>;
  return (
    <>
      <span className={classes.role}>{capital(roleName(level.role))}</span>
      {level.tells.length > 0 ? (
        <span className={classes.tells}>{list(level.tells)}</span>
      ) : (
        <span className={classes.none} title={level.gap ?? undefined}>
          nobody
        </span>
      )}
      {level.gap !== null && level.tells.length > 0 && <span className={classes.gap}>{level.gap}</span>}
    </>
  );
}
