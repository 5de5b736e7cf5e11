import { Button, Checkbox, Modal, Select, Skeleton, Textarea, TextInput } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { templatesOfMessagesQuery } from "@/api/operations";
import { useSendUpdate } from "@/api/operationsWrites";
import type { Incident, MessageTemplate } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { capital } from "@/lib/operations";
import { fieldErrors } from "@/lib/problems";
import classes from "./Dialog.module.css";
import { fieldLabel, filled, isShort, templateFor } from "./messages";

interface Props {
  incident: Incident;
  onClose: () => void;
}

/** A message by template. What the incident knows is filled in; what it does not is asked for. */
export default function MessageDialog({ incident, onClose }: Props) {
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const { data, error, refetch } = useQuery(templatesOfMessagesQuery);
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Message about ${incident.id}`}
      size="min(64rem, 96vw)"
      fullScreen={phone}
      centered={false}
      yOffset="4vh"
    >
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the templates</span>
            <Skeleton height={420} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : (
        <Writer incident={incident} templates={data} onClose={onClose} />
      )}
    </Modal>
  );
}

function byAudience(templates: MessageTemplate[]) {
  const audiences = [...new Set(templates.map((template) => template.audience))];
  return audiences.map((audience) => ({
    group: `To: ${audience}`,
    items: templates
      .filter((template) => template.audience === audience)
      .map(({ id, title }) => ({ value: id, label: title })),
  }));
}

function Writer({ incident, templates, onClose }: Props & { templates: MessageTemplate[] }) {
  const send = useSendUpdate(incident.id);
  const [chosen, setChosen] = useState(() => templateFor(incident.status));
  const [fields, setFields] = useState<Record<string, string>>(incident.message_fields);
  const [toPeople, setToPeople] = useState(false);
  const template = templates.find((one) => one.id === chosen) ?? templates[0];
  const errors = fieldErrors(send.error);
  if (template === undefined) return null;
  const submit = () =>
    send.mutate(
      {
        template: template.id,
        fields: Object.fromEntries(template.fields.map((name) => [name, fields[name] ?? ""])),
        send: toPeople,
      },
      {
        onSuccess: () => {
          notifyDone(
            toPeople ? "Kept in the story, and handed over to be sent." : "The message is in the story.",
          );
          onClose();
        },
      },
    );
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={classes.panes}>
        <div className={classes.fields}>
          <Select
            label="Template"
            allowDeselect={false}
            data={byAudience(templates)}
            value={template.id}
            onChange={(value) => {
              if (value !== null) setChosen(value);
              send.reset();
            }}
          />
          {template.fields.map((name) => {
            const Field = isShort(name) ? TextInput : Textarea;
            return (
              <Field
                key={name}
                label={fieldLabel(name)}
                {...(isShort(name) ? {} : { autosize: true, minRows: 2, maxRows: 8 })}
                maxLength={4000}
                value={fields[name] ?? ""}
                onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
                error={errors[`fields.${name}`] && "Say it, or that it is not known."}
              />
            );
          })}
        </div>
        <Preview template={template} fields={fields} />
      </div>
      {send.error !== null && Object.keys(errors).length === 0 && (
        <ProblemPanel error={send.error} level={3} />
      )}
      <Checkbox
        label="Also send it to whoever is called for this kind of trouble"
        description="Otherwise it is only kept in the story, to be copied from there"
        checked={toPeople}
        onChange={(event) => setToPeople(event.currentTarget.checked)}
      />
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={send.isPending}>
          {toPeople ? "Send the message" : "Keep the message"}
        </Button>
      </div>
    </form>
  );
}

function Filled({ text, fields }: { text: string; fields: Record<string, string> }) {
  return filled(text, fields).map((piece, index) =>
    piece.missing ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
  );
}

function Preview({ template, fields }: { template: MessageTemplate; fields: Record<string, string> }) {
  return (
    <section className={classes.preview} aria-label="Preview">
      <p className="muted">{capital(template.audience)} will read:</p>
      <p className={classes.subject}>
        <Filled text={template.subject} fields={fields} />
      </p>
      <p className={classes.body}>
        <Filled text={template.body} fields={fields} />
      </p>
    </section>
  );
}
