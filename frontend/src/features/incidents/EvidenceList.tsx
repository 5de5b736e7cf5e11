import { Button } from "@mantine/core";
import { useCheckEvidence, useTakeEvidence } from "@/api/operationsWrites";
import type { Incident } from "@/api/types";
import { CopyText } from "@/components/CopyText";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { bytes } from "@/lib/figures";
import { notifyDone } from "@/lib/notify";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count, list } from "@/lib/words";
import classes from "./IncidentPage.module.css";

/** What was secured of the moment, and whether it is still what it was. */
export function EvidenceList({ incident }: { incident: Incident }) {
  const zone = useZone();
  const take = useTakeEvidence(incident.id);
  const check = useCheckEvidence(incident.id);
  const { evidence } = incident;
  return (
    <Section
      title="Evidence"
      hint={evidence.length === 0 ? undefined : count(evidence.length, "file")}
      action={
        <>
          {evidence.length > 0 && (
            <Button size="xs" variant="default" loading={check.isPending} onClick={() => check.mutate()}>
              Check unchanged
            </Button>
          )}
          <Button
            size="xs"
            variant="default"
            loading={take.isPending}
            onClick={() =>
              take.mutate(undefined, {
                onSuccess: (after) => {
                  check.reset();
                  notifyDone(`${count(after.evidence.length - evidence.length, "file")} taken.`);
                },
              })
            }
          >
            Take evidence
          </Button>
        </>
      }
      card
    >
      {evidence.length === 0 ? (
        <p className={classes.note}>
          None was taken. It keeps health, processes, measurements and logs of this moment.
        </p>
      ) : (
        <ul className={classes.rows}>
          {evidence.map((file) => (
            <li key={`${file.path} ${file.taken_at}`}>
              <span className={classes.grow}>
                <span className="mono">{file.path}</span>
                <br />
                <span className="muted">
                  {bytes(file.size)}, {instantText(file.taken_at, zone)}, {file.taken_by}
                </span>
              </span>
              <CopyText label="SHA-256" text={file.sha256} shown={`${file.sha256.slice(0, 10)}…`} />
            </li>
          ))}
        </ul>
      )}
      {check.data !== undefined && (
        <p className={classes.verdict} role="status">
          {check.data.length === 0 ? (
            <StatusDot tone="ok">{`All ${count(evidence.length, "file")} are as they were.`}</StatusDot>
          ) : (
            <StatusDot tone="bad">{`Gone or altered: ${list(check.data)}`}</StatusDot>
          )}
        </p>
      )}
      {(take.error ?? check.error) !== null && (
        <div className={classes.verdict}>
          <ProblemPanel error={take.error ?? check.error} level={3} />
        </div>
      )}
    </Section>
  );
}
