import type { Incident } from "@/api/types";
import { INCIDENT_STATUS } from "@/lib/operations";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./IncidentHead.module.css";
import { type StepLook, stepsOf } from "./incident";

const LOOKS: Record<StepLook, string> = {
  passed: "passed",
  skipped: "left out",
  now: "now",
  ahead: "not yet",
};

/** The steps of an incident; only forward, and some may be left out. */
export function Stepper({ incident }: { incident: Incident }) {
  const zone = useZone();
  return (
    <ol className={classes.steps} aria-label="Steps">
      {stepsOf(incident).map(({ status, look, at }) => (
        <li
          key={status}
          className={classes.step}
          data-look={look}
          aria-current={look === "now" ? "step" : undefined}
        >
          <span className={classes.mark} aria-hidden />
          <span className={classes.stepName}>
            {INCIDENT_STATUS[status].words}
            <span className="visually-hidden">, {LOOKS[look]}</span>
          </span>
          <span className={classes.stepAt}>
            {at !== null ? (
              <time dateTime={at} title={instantText(at, zone, true)}>
                {instantText(at, zone).replace(/^\w+ /, "")}
              </time>
            ) : look === "skipped" ? (
              "left out"
            ) : (
              ""
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
