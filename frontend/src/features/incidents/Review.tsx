import type { Incident } from "@/api/types";
import { Section } from "@/components/Section";
import { isIncidentOver } from "@/lib/operations";
import { list } from "@/lib/words";
import classes from "./IncidentPage.module.css";

const LINES: { name: string; of: (incident: Incident) => string }[] = [
  { name: "Impact on users", of: (incident) => incident.user_impact },
  { name: "Impact on the business", of: (incident) => incident.business_impact },
  { name: "Root cause", of: (incident) => incident.root_cause },
  {
    name: "Why, and why that",
    of: (incident) => incident.whys.map((why, n) => `${n + 1}. ${why}`).join("\n"),
  },
  { name: "What contributed", of: (incident) => incident.contributing },
  { name: "Went well", of: (incident) => incident.went_well },
  { name: "Went badly", of: (incident) => incident.went_badly },
  { name: "Lessons", of: (incident) => incident.lessons },
  { name: "Procedures updated", of: (incident) => incident.procedures_updated },
  { name: "Responders", of: (incident) => list(incident.responders) },
];

/** What is known of it, and what is still to be said before it can be closed. */
export function Review({ incident }: { incident: Incident }) {
  const lacking = isIncidentOver(incident.status) ? [] : incident.missing_to_close;
  const said = LINES.map(({ name, of }) => ({ name, text: of(incident).trim() }));
  // The first three are always asked for; of the others only what somebody wrote is worth a line.
  const shown = said.filter(({ text }, index) => text !== "" || index < 3);
  return (
    <Section title="Impact and cause" card>
      {lacking.length > 0 && (
        <div className={classes.lacking}>
          To be closed it still needs:
          <ul>
            {lacking.map((words) => (
              <li key={words}>{words}</li>
            ))}
          </ul>
        </div>
      )}
      <dl className={classes.facts}>
        {shown.map(({ name, text }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd data-empty={text === "" || undefined}>{text === "" ? "not said yet" : text}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
