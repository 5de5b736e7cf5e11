import { Select, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { latestIncidentsQuery } from "@/api/operations";
import { useMoveIncident } from "@/api/operationsWrites";
import type { Incident, IncidentStatus } from "@/api/types";
import { FormModal } from "@/components/FormModal";
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
  const latest = useQuery({ ...latestIncidentsQuery, enabled: merging });
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
    <FormModal
      title={`${MOVES[to]}: ${incident.id}`}
      needs={merging ? latest : undefined}
      writing={move}
      submit={lacking.length > 0 ? null : MOVES[to]}
      cancel={lacking.length > 0 ? "Back" : "Cancel"}
      disabled={merging && into === null}
      onSubmit={submit}
      onClose={onClose}
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
          data={(latest.data?.items ?? [])
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
        <p className="muted">
          After this its texts and its state cannot be changed any more; notes and actions can be added.
        </p>
      )}
    </FormModal>
  );
}
