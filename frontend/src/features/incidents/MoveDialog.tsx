import { Button, Modal, Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { latestIncidentsQuery } from "@/api/operations";
import { useMoveIncident } from "@/api/operationsWrites";
import type { Incident, IncidentStatus } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { INCIDENT_STATUS, isIncidentOver } from "@/lib/operations";
import classes from "./Dialog.module.css";
import { MOVES } from "./incident";

interface Props {
  incident: Incident;
  to: IncidentStatus;
  onClose: () => void;
}

/** Moves an incident on. What it still lacks is said before anything is asked of the server. */
export default function MoveDialog({ incident, to, onClose }: Props) {
  const move = useMoveIncident(incident.id);
  const [note, setNote] = useState("");
  const [into, setInto] = useState<string | null>(null);
  const merging = to === "merged";
  const { data: latest } = useQuery({ ...latestIncidentsQuery, enabled: merging });
  const lacking = to === "closed" ? incident.missing_to_close : [];
  const final = isIncidentOver(to);
  const submit = () =>
    move.mutate(
      { status: to, note: note.trim(), ...(merging ? { into } : {}) },
      {
        onSuccess: () => {
          notifyDone(`${incident.id}: ${INCIDENT_STATUS[to].words.toLowerCase()}.`);
          onClose();
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title={`${MOVES[to]}: ${incident.id}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        {lacking.length > 0 && (
          <div>
            <p>Before it can be closed, it needs:</p>
            <ul className={classes.lacking}>
              {lacking.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          </div>
        )}
        {merging && (
          <Select
            label="Into"
            placeholder="Choose an incident"
            searchable
            data={(latest?.items ?? [])
              .filter((one) => one.id !== incident.id && !isIncidentOver(one.status))
              .map((one) => ({ value: one.id, label: `${one.id} ${one.title}` }))}
            nothingFoundMessage="No other incident is open"
            value={into}
            onChange={setInto}
          />
        )}
        {lacking.length === 0 && (
          <Textarea
            label="Note"
            description="Optional; it stands in the story"
            data-autofocus={!merging}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={4000}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        )}
        {final && lacking.length === 0 && (
          <p className="muted">After this nothing of the incident can be changed any more.</p>
        )}
        {move.error !== null && <ProblemPanel error={move.error} level={3} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            {lacking.length > 0 ? "Back" : "Cancel"}
          </Button>
          {lacking.length === 0 && (
            <Button type="submit" disabled={merging && into === null} loading={move.isPending}>
              {MOVES[to]}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}
