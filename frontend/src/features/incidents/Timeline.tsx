import { Button, Textarea } from "@mantine/core";
import {
  IconBell,
  IconCircleDot,
  IconFileZip,
  IconMail,
  IconMessage,
  IconProgressCheck,
} from "@tabler/icons-react";
import { useState } from "react";
import { useAddNote } from "@/api/operationsWrites";
import type { Incident, TimelineView } from "@/api/types";
import { CopyText } from "@/components/CopyText";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./Timeline.module.css";

const KINDS: Record<TimelineView["kind"], { words: string; Icon: typeof IconBell }> = {
  event: { words: "Event", Icon: IconCircleDot },
  note: { words: "Note", Icon: IconMessage },
  update: { words: "Message", Icon: IconMail },
  status: { words: "State", Icon: IconProgressCheck },
  alert: { words: "Alert", Icon: IconBell },
  evidence: { words: "Evidence", Icon: IconFileZip },
};

/** The story of an incident, the newest last, and the place to go on with it. */
export function Timeline({ incident }: { incident: Incident }) {
  return (
    <Section
      title="What happened"
      hint={`${count(incident.timeline.length, "entry", "entries")}, newest last`}
      card
    >
      <ol className={classes.list}>
        {incident.timeline.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
      <AddNote id={incident.id} />
    </Section>
  );
}

function Entry({ entry }: { entry: TimelineView }) {
  const zone = useZone();
  const { words, Icon } = KINDS[entry.kind];
  const { subject, body } = entry.data;
  return (
    <li className={classes.entry} data-kind={entry.kind}>
      <span className={classes.mark} title={words}>
        <Icon size={15} stroke={1.7} aria-hidden />
        <span className="visually-hidden">{words}</span>
      </span>
      <div className={classes.what}>
        <p className={classes.meta}>
          <time dateTime={entry.at}>{instantText(entry.at, zone, true)}</time> {entry.actor}
        </p>
        <p className={classes.text}>{entry.text}</p>
        {typeof body === "string" && (
          <details className={classes.details}>
            <summary>The message</summary>
            {typeof subject === "string" && <p className={classes.subject}>{subject}</p>}
            <p className={classes.body}>{body}</p>
            <CopyText label="Copy the message" text={`${String(subject ?? "")}\n\n${body}`} shown="" />
          </details>
        )}
      </div>
    </li>
  );
}

function AddNote({ id }: { id: string }) {
  const add = useAddNote(id);
  const [text, setText] = useState("");
  return (
    <form
      className={classes.add}
      onSubmit={(event) => {
        event.preventDefault();
        // The keys send the form whatever its button says.
        if (text.trim() === "" || add.isPending) return;
        add.mutate(text.trim(), { onSuccess: () => setText("") });
      }}
    >
      <Textarea
        aria-label="Note"
        placeholder="What you see, what you do"
        autosize
        minRows={1}
        maxRows={8}
        maxLength={4000}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.metaKey || event.ctrlKey))
            event.currentTarget.form?.requestSubmit();
        }}
        className={classes.field}
      />
      <Button type="submit" variant="default" disabled={text.trim() === ""} loading={add.isPending}>
        Add note
      </Button>
      {add.error !== null && (
        <div className={classes.wide}>
          <ProblemPanel error={add.error} level={3} />
        </div>
      )}
    </form>
  );
}
