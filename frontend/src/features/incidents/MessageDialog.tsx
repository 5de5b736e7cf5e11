import { Checkbox, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { templatesOfMessagesQuery } from "@/api/operations";
import { useSendUpdate } from "@/api/operationsWrites";
import type { Incident, MessageTemplate } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { notifyDone } from "@/lib/notify";
import { capital } from "@/lib/operations";
import { fieldErrors } from "@/lib/problems";
import classes from "./Dialog.module.css";
import { fieldLabel, filled, isShort, templateFor } from "./messages";

interface Props {
  incident: Incident;
  onClose: () => void;
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

/** A message by template. What the incident knows is filled in; what it does not is asked for. */
export default function MessageDialog({ incident, onClose }: Props) {
  const send = useSendUpdate(incident.id);
  const templates = useQuery(templatesOfMessagesQuery);
  const [chosen, setChosen] = useState(() => templateFor(incident.status));
  const [fields, setFields] = useState<Record<string, string>>(incident.message_fields);
  const [toPeople, setToPeople] = useState(false);
  const template = templates.data?.find((one) => one.id === chosen) ?? templates.data?.[0];
  const errors = fieldErrors(send.error);
  const submit = () => {
    if (template === undefined) return;
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
  };
  return (
    <FormModal
      title={`Message about ${incident.id}`}
      size="min(64rem, 96vw)"
      tall
      needs={templates}
      writing={send}
      shown={template?.fields.map((name) => `fields.${name}`) ?? []}
      submit={toPeople ? "Send the message" : "Keep the message"}
      disabled={template === undefined}
      onSubmit={submit}
      onClose={onClose}
    >
      {template !== undefined && (
        <div className={classes.panes}>
          <div className={classes.fields}>
            <Select
              label="Template"
              allowDeselect={false}
              data={byAudience(templates.data ?? [])}
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
      )}
      <Checkbox
        label="Also send it to whoever is called for this kind of trouble"
        description="Otherwise it is only kept in the story, to be copied from there"
        checked={toPeople}
        onChange={(event) => setToPeople(event.currentTarget.checked)}
      />
    </FormModal>
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
