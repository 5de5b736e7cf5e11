import { Link } from "@tanstack/react-router";
import type { LinkedAlert } from "@/api/types";
import { PriorityMark } from "@/components/PriorityMark";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./IncidentPage.module.css";

const STATES: Record<LinkedAlert["phase"], string> = {
  pending: "not counted yet",
  firing: "fires",
  acknowledged: "is looked after",
  resolved: "over",
};

/** The alerts that belong to an incident. */
export function LinkedAlerts({ alerts }: { alerts: LinkedAlert[] }) {
  const zone = useZone();
  const open = alerts.filter((alert) => alert.resolved_at === null).length;
  return (
    <Section
      title="Alerts"
      hint={alerts.length === 0 ? undefined : open === 0 ? "all over" : `${count(open, "alert")} not over`}
      card
    >
      {alerts.length === 0 ? (
        <p className={classes.note}>None: a person opened this incident.</p>
      ) : (
        <ul className={classes.rows}>
          {alerts.map((alert) => (
            <li key={alert.id}>
              <PriorityMark priority={alert.priority} />
              <span className={classes.grow}>
                <Link to="/operations/alerts" search={{ alert: alert.id }}>
                  {alert.title}
                </Link>{" "}
                <span className="muted">
                  {alert.component}
                  {alert.fired_at !== null && `, ${instantText(alert.fired_at, zone)}`}
                </span>
              </span>
              <StatusDot tone={alert.resolved_at === null ? "bad" : "ok"}>{STATES[alert.phase]}</StatusDot>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
