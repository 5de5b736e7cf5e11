import type { ResponseFigures } from "@/api/types";
import { PriorityMark } from "@/components/PriorityMark";
import { ScrollRegion } from "@/components/ScrollRegion";
import { Section } from "@/components/Section";
import { lasting, percent } from "@/lib/figures";
import classes from "./AlertsPage.module.css";

/** How fast people answered. */
export function Responses({ figures }: { figures: ResponseFigures[] }) {
  return (
    <Section title="How fast alerts were answered" hint="last 30 days">
      <ScrollRegion label="How fast alerts were answered" className={classes.tableCard}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">Priority</th>
              <th scope="col">To be answered</th>
              <th scope="col" data-number>
                Fired
              </th>
              <th scope="col" data-number>
                Answered
              </th>
              <th scope="col" data-number>
                In time
              </th>
              <th scope="col" data-number>
                Median
              </th>
            </tr>
          </thead>
          <tbody>
            {figures.map((figure) => (
              <tr key={figure.priority}>
                <th scope="row">
                  <PriorityMark priority={figure.priority} />
                </th>
                <td>within {lasting(figure.limit_seconds)}</td>
                <td data-number>{figure.fired}</td>
                <td data-number>{figure.answered}</td>
                <td data-number>
                  {figure.answered === 0 ? (
                    <span className="muted">no data</span>
                  ) : (
                    `${figure.in_time} (${percent(figure.in_time / figure.answered, 0)})`
                  )}
                </td>
                <td data-number>
                  {figure.median_seconds === null ? (
                    <span className="muted">no data</span>
                  ) : (
                    lasting(figure.median_seconds)
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </Section>
  );
}
