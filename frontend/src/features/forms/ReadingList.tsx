import type { FormPlan } from "@/api/types";
import { ScrollRegion } from "@/components/ScrollRegion";
import { FIGURES } from "@/lib/readings";
import { count } from "@/lib/words";
import { readingBlocks } from "./plan";
import classes from "./ReadingList.module.css";

/** Exactly which readings a form gets, group by group, and every figure that is typed. */
export function ReadingList({ form }: { form: FormPlan }) {
  const { station, readings, reading_groups: groups } = form;
  if (station === null) return null;
  return (
    <div className={classes.root}>
      <p>
        <b>{station.name}</b> <span className="muted">{station.why}</span>
        {readings.length < groups && (
          <span className="muted">
            {" "}
            {readings.length === 0
              ? "No readings are typed on this form."
              : `${count(groups - readings.length, "group")} of ${groups} get none and are left as they are.`}
          </span>
        )}
      </p>
      <div className={classes.blocks}>
        {readingBlocks(readings).map((block) => (
          <ScrollRegion key={block.where} className={classes.scroll} label={`Readings of ${block.where}`}>
            <table className={classes.table}>
              <caption>
                {block.where} <span className="muted">{block.metered ? "own meter" : "blended"}</span>
              </caption>
              <thead>
                <tr>
                  <th scope="col">#</th>
                  <th scope="col">Procedure</th>
                  <th scope="col">Flow</th>
                  {FIGURES.map(({ key, label }) => (
                    <th key={key} scope="col" className={classes.figure}>
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {block.readings.map((reading, index) => (
                  <tr key={index}>
                    <td>{index + 1}</td>
                    <td>{reading.procedure}</td>
                    <td data-slow={reading.flow === "slow" || undefined}>{reading.flow}</td>
                    {FIGURES.map(({ key }) => (
                      <td key={key} className={classes.figure}>
                        {reading[key] ?? (
                          <span className={classes.none} title="Left to you">
                            <span aria-hidden>–</span>
                            <span className="visually-hidden">left to you</span>
                          </span>
                        )}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
        ))}
      </div>
      {readings.length > 0 && <p className={classes.note}>A dash is left to you: nothing is typed there.</p>}
    </div>
  );
}
