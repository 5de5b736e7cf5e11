import { Button, TextInput } from "@mantine/core";
import { useRef, useState } from "react";
import { useAddAction, useFinishAction } from "@/api/operationsWrites";
import type { ActionView, Incident } from "@/api/types";
import { Refusal } from "@/components/Refusal";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { addDays, dayDate } from "@/lib/time";
import { useFocusAfter } from "@/lib/useFocusAfter";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./IncidentPage.module.css";

/** What is to be done so that it does not happen again. */
export function Actions({ incident }: { incident: Incident }) {
  const open = incident.actions.filter((action) => action.done_at === null).length;
  return (
    <Section
      title="To be done"
      hint={incident.actions.length === 0 ? undefined : `${open} of ${incident.actions.length} open`}
      card
    >
      {incident.actions.length > 0 && (
        <ul className={classes.rows}>
          {incident.actions.map((action) => (
            <Action key={action.id} incidentId={incident.id} action={action} />
          ))}
        </ul>
      )}
      <AddAction id={incident.id} />
    </Section>
  );
}

function Action({ incidentId, action }: { incidentId: string; action: ActionView }) {
  const zone = useZone();
  const finish = useFinishAction(incidentId);
  const due = dayDate(wallTime(Date.parse(action.due), zone).slice(0, 10));
  const done = action.done_at !== null;
  const title = useRef<HTMLElement>(null);
  useFocusAfter(finish.isSuccess && done, title);
  return (
    <li>
      <span className={classes.grow} data-done={done || undefined}>
        <strong ref={title} tabIndex={-1}>
          {action.text}
        </strong>
        <br />
        <span className="muted">{action.owner}, by </span>
        <span className={action.overdue ? classes.late : "muted"}>
          {due}
          {action.overdue && ", overdue"}
        </span>
      </span>
      {done ? (
        <StatusDot tone="ok">done</StatusDot>
      ) : (
        <Button
          size="compact-sm"
          variant="default"
          loading={finish.isPending}
          aria-label={`Done: ${action.text}`}
          onClick={() =>
            finish.mutate(action.id, { onSuccess: () => notifyDone("Done."), onError: notifyProblem })
          }
        >
          Done
        </Button>
      )}
    </li>
  );
}

function AddAction({ id }: { id: string }) {
  const zone = useZone();
  const add = useAddAction(id);
  const [today] = useState(() => wallTime(Date.now(), zone).slice(0, 10));
  const [text, setText] = useState("");
  const [owner, setOwner] = useState("");
  const [due, setDue] = useState(() => addDays(today, 7));
  const errors = fieldErrors(add.error);
  const end = instantOf(`${due}T23:59`, zone);
  const submit = () => {
    if (end === null) return;
    add.mutate(
      { text: text.trim(), owner: owner.trim(), due: end },
      {
        onSuccess: () => {
          setText("");
          setOwner("");
        },
      },
    );
  };
  return (
    <form
      className={classes.add}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput
        label="What"
        size="xs"
        maxLength={1000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        error={errors.text}
      />
      <TextInput
        label="Who"
        size="xs"
        maxLength={120}
        value={owner}
        onChange={(event) => setOwner(event.currentTarget.value)}
        error={errors.owner}
      />
      <TextInput
        label="By"
        size="xs"
        type="date"
        min={today}
        value={due}
        onChange={(event) => setDue(event.currentTarget.value)}
        error={errors.due}
      />
      <Button
        type="submit"
        size="xs"
        variant="default"
        disabled={text.trim() === "" || owner.trim() === "" || end === null}
        loading={add.isPending}
      >
        Add
      </Button>
      <Refusal error={add.error} shown={["text", "owner", "due"]} />
    </form>
  );
}
