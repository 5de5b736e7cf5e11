import { ActionIcon, Button } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Fragment, useState } from "react";
import type { Dispenser, Location } from "@/api/types";
import { Ago } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import { GradeChip } from "@/components/GradeChip";
import { Notices } from "@/components/Notices";
import { ScrollRegion } from "@/components/ScrollRegion";
import { useZone } from "@/lib/useUser";
import classes from "./DispenserMatrix.module.css";

const details = (dispenser: Dispenser): [string, string | null][] => [
  ["Make", dispenser.make],
  ["Model", dispenser.model],
  ["Serial", dispenser.serial],
  ["Meter type", dispenser.meter_type],
  ["Stand-alone code", dispenser.stand_alone_code],
  ["Nozzles per side", dispenser.nozzles_per_side === null ? null : String(dispenser.nozzles_per_side)],
  ["NTEP", dispenser.ntep],
  ["Title in the portal", dispenser.title],
];

export function DispenserMatrix({ location }: { location: Location }) {
  const zone = useZone();
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const { columns, dispensers } = location;
  const all = open.size === dispensers.length && dispensers.length > 0;
  const toggle = (row: number) => {
    const next = new Set(open);
    if (!next.delete(row)) next.add(row);
    setOpen(next);
  };
  const unknown = dispensers.some((dispenser) => dispenser.grades.some((grade) => !grade.known));

  return (
    <section className={classes.root} aria-labelledby="dispensers">
      <div className={classes.head}>
        <h2 id="dispensers" className={classes.title}>
          Dispensers
          {dispensers.length > 0 && <span className={classes.count}>{dispensers.length}</span>}
        </h2>
        {location.read_at !== null && (
          <span className={classes.age}>
            read <Ago instant={location.read_at} zone={zone} />
          </span>
        )}
        {dispensers.length > 0 && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => setOpen(all ? new Set() : new Set(dispensers.keys()))}
          >
            {all ? "Hide details" : "Show all details"}
          </Button>
        )}
      </div>
      {location.error_code !== null && (
        <div className={classes.notice}>
          <Notices
            notices={[
              {
                code: location.error_code,
                message: location.error_detail ?? "The equipment of this store could not be read.",
                action: "The next sync reads it again.",
              },
            ]}
          />
        </div>
      )}
      {dispensers.length === 0 ? (
        <EmptyState compact title="No dispensers known">
          {location.read_at === null
            ? "The store's equipment page has not been read yet. The next sync reads it."
            : "The store's equipment page shows none."}
        </EmptyState>
      ) : (
        <ScrollRegion className={classes.scroll} label="Dispensers and grades">
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col" className={classes.corner}>
                  No.
                </th>
                {columns.map((column) => (
                  <th key={column} scope="col" className={classes.grade}>
                    {column}
                  </th>
                ))}
                <th scope="col" className={classes.meter}>
                  Meter
                </th>
                <th scope="col" className={classes.toggle}>
                  <span className="visually-hidden">Details</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {dispensers.map((dispenser, row) => {
                const shown = open.has(row);
                const Icon = shown ? IconChevronDown : IconChevronRight;
                return (
                  <Fragment key={`${row} ${dispenser.label}`}>
                    <tr>
                      <th scope="row" className={classes.label}>
                        {dispenser.label}
                      </th>
                      {columns.map((column) => {
                        const grades = dispenser.grades.filter((grade) => grade.column === column);
                        return (
                          <td key={column} className={classes.grade}>
                            {grades.length === 0 ? (
                              <span className={classes.none} aria-hidden>
                                –
                              </span>
                            ) : (
                              grades.map((grade) => (
                                <GradeChip
                                  key={grade.name}
                                  grade={grade.name}
                                  metered={grade.metered}
                                  known={grade.known}
                                />
                              ))
                            )}
                          </td>
                        );
                      })}
                      <td className={classes.meter}>
                        {dispenser.meter_type ?? <span className="muted">not known</span>}
                      </td>
                      <td className={classes.toggle}>
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          size="md"
                          aria-expanded={shown}
                          aria-label={`Details of dispenser ${dispenser.label}`}
                          onClick={() => toggle(row)}
                        >
                          <Icon size={16} />
                        </ActionIcon>
                      </td>
                    </tr>
                    {shown && (
                      <tr className={classes.more}>
                        <td colSpan={columns.length + 3}>
                          <dl className={classes.details}>
                            {details(dispenser).map(([name, value]) => (
                              <div key={name}>
                                <dt>{name}</dt>
                                <dd className={value === null ? "muted" : undefined}>
                                  {value ?? "not known"}
                                </dd>
                              </div>
                            ))}
                          </dl>
                        </td>
                      </tr>
                    )}
                  </Fragment>
                );
              })}
            </tbody>
          </table>
        </ScrollRegion>
      )}
      {dispensers.length > 0 && (
        <p className={classes.legend}>
          <span>
            <GradeChip grade="" metered known /> own meter
          </span>
          <span>
            <GradeChip grade="" metered={false} known /> blended
          </span>
          {unknown && (
            <span>
              <GradeChip grade="" metered known={false} /> not in the rule, look at the cabinet
            </span>
          )}
        </p>
      )}
    </section>
  );
}
