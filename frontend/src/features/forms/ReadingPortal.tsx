import { Skeleton } from "@mantine/core";
import type { JobEvent } from "@/api/types";
import { type Step, Steps } from "@/components/Steps";
import classes from "./FormsPage.module.css";

const ROWS = ["a", "b", "c", "d", "e", "f"];

/** What the server says it is doing, sentence by sentence; the newest is under way. */
const stepsOf = (events: JobEvent[]): Step[] => {
  const sentences = [
    ...new Set(events.filter((event) => event.type === "phase").map((event) => event.message)),
  ];
  const all = sentences.length === 0 ? ["Waiting for a free browser"] : sentences;
  return all.map((label, index) => ({
    key: label,
    label,
    tone: index === all.length - 1 ? "active" : "done",
  }));
};

/** The portal is being read: the real phases, and the table's own shape waiting. */
export function ReadingPortal({ events, quiet = false }: { events: JobEvent[]; quiet?: boolean }) {
  return (
    <div aria-busy="true" className={classes.stack}>
      {quiet ? (
        <span className="visually-hidden">Loading the plan</span>
      ) : (
        <section className={classes.bar} aria-label="Reading the portal">
          <div>
            <h2 className={classes.headline}>Reading the visit's forms from the portal</h2>
            <p className="muted">
              Nothing is written. The plan appears here when it is known which forms exist.
            </p>
          </div>
          <Steps label="Phases" steps={stepsOf(events)} />
        </section>
      )}
      <div className={classes.table} style={{ padding: "0.75rem 1rem" }}>
        {ROWS.map((row) => (
          <Skeleton key={row} height={38} my={8} />
        ))}
      </div>
    </div>
  );
}
