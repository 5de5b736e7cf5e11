import type { EvidenceReading } from "@/api/types";
import { ScrollRegion } from "@/components/ScrollRegion";
import { FIGURES } from "@/lib/readings";
import { count } from "@/lib/words";
import classes from "./Evidence.module.css";

/** The readings as the portal showed them, each group's first line naming its side and grade. */
export function ReadingsBack({ dispenser, readings }: { dispenser: string; readings: EvidenceReading[] }) {
  return (
    <details className={classes.details}>
      <summary>{count(readings.length, "reading")} read back</summary>
      <ScrollRegion className={classes.scroll} label={`Readings read back, dispenser ${dispenser}`}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Side</th>
              <th scope="col">Grade</th>
              <th scope="col">#</th>
              <th scope="col">Procedure</th>
              <th scope="col">Flow</th>
              {FIGURES.map(({ key, label }) => (
                <th key={key} scope="col" className={classes.figure}>
                  {label}
                </th>
              ))}
              <th scope="col" className={classes.figure}>
                Variance
              </th>
            </tr>
          </thead>
          <tbody>
            {readings.map((reading, index) => {
              const before = readings[index - 1];
              const first = before?.side !== reading.side || before.grade !== reading.grade;
              return (
                <tr
                  key={`${reading.side} ${reading.grade} ${reading.number}`}
                  data-first={first || undefined}
                >
                  <td>
                    <span className={first ? undefined : "visually-hidden"}>{reading.side}</span>
                  </td>
                  <td>
                    <span className={first ? undefined : "visually-hidden"}>{reading.grade}</span>
                  </td>
                  <td>{reading.number}</td>
                  <td>{reading.procedure ?? "none"}</td>
                  <td>{reading.flow ?? ""}</td>
                  {FIGURES.map(({ key }) => (
                    <td key={key} className={classes.figure}>
                      {reading[key] ?? ""}
                    </td>
                  ))}
                  <td className={classes.figure}>{reading.variance ?? ""}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
