import { SegmentedControl, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useChangeIncident } from "@/api/operationsWrites";
import type { Incident, Kind, Priority } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { notifyDone } from "@/lib/notify";
import { KINDS, PRIORITIES, priorityName } from "@/lib/operations";
import { errorAt, fieldErrors } from "@/lib/problems";
import classes from "./Dialog.module.css";
import { changesOf, type Texts, textsOf } from "./incident";

const WHYS = 5;

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={classes.group}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  );
}

/** Impact, cause and lessons of an incident, and who looks after it. */
export default function EditDialog({ incident, onClose }: { incident: Incident; onClose: () => void }) {
  const change = useChangeIncident(incident.id);
  const [before] = useState(() => textsOf(incident));
  const [texts, setTexts] = useState(before);
  const errors = fieldErrors(change.error);
  const set = <Name extends keyof Texts>(name: Name, value: Texts[Name]) =>
    setTexts((known) => ({ ...known, [name]: value }));
  const changes = changesOf(before, texts);
  const dirty = Object.keys(changes).length > 0;
  const submit = () =>
    change.mutate(changes, {
      onSuccess: () => {
        notifyDone("The incident is up to date.");
        onClose();
      },
    });

  const area = (
    name:
      | "user_impact"
      | "business_impact"
      | "root_cause"
      | "contributing"
      | "went_well"
      | "went_badly"
      | "lessons",
    label: string,
    description?: string,
  ) => (
    <Textarea
      label={label}
      description={description}
      autosize
      minRows={2}
      maxRows={10}
      maxLength={4000}
      value={texts[name]}
      onChange={(event) => set(name, event.currentTarget.value)}
      error={errors[name]}
    />
  );
  return (
    <FormModal
      title={`Edit ${incident.id}`}
      size="min(46rem, 96vw)"
      tall
      writing={change}
      shown={[
        "title",
        "commander",
        "responders",
        "services",
        "user_impact",
        "business_impact",
        "root_cause",
        "contributing",
        "went_well",
        "went_badly",
        "lessons",
        "procedures_updated",
      ]}
      submit="Save"
      disabled={!dirty || texts.title.trim() === ""}
      onSubmit={submit}
      onClose={onClose}
    >
      <Group title="What and who">
        <TextInput
          label="Title"
          maxLength={200}
          value={texts.title}
          onChange={(event) => set("title", event.currentTarget.value)}
          error={errors.title}
        />
        <div className={classes.pair}>
          <SegmentedControl
            aria-label="Priority"
            value={texts.priority}
            onChange={(value) => set("priority", value as Priority)}
            data={PRIORITIES.map((one) => ({ value: one, label: priorityName(one) }))}
          />
          <Select
            aria-label="Kind"
            allowDeselect={false}
            data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
            value={texts.kind}
            onChange={(value) => value !== null && set("kind", value as Kind)}
          />
        </div>
        <TextInput
          label="In charge"
          placeholder="Nobody"
          maxLength={120}
          value={texts.commander}
          onChange={(event) => set("commander", event.currentTarget.value)}
          error={errors.commander}
        />
        <div className={classes.pair}>
          <TagsInput
            label="Responders"
            placeholder={texts.responders.length === 0 ? "Names" : undefined}
            maxTags={30}
            value={texts.responders}
            onChange={(value) => set("responders", value)}
            error={errorAt(errors, "responders")}
          />
          <TagsInput
            label="Affected parts"
            placeholder={texts.services.length === 0 ? "Names" : undefined}
            maxTags={30}
            value={texts.services}
            onChange={(value) => set("services", value)}
            error={errorAt(errors, "services")}
          />
        </div>
      </Group>
      <Group title="Impact">
        {area("user_impact", "On users")}
        {area("business_impact", "On the business")}
      </Group>
      <Group title="Cause">
        {area("root_cause", "Root cause")}
        {Array.from({ length: WHYS }, (_, index) => (
          <TextInput
            key={index}
            label={`Why ${index + 1}`}
            maxLength={4000}
            disabled={index > texts.whys.length}
            value={texts.whys[index] ?? ""}
            onChange={(event) => {
              const whys = [...texts.whys];
              whys[index] = event.currentTarget.value;
              set("whys", whys);
            }}
          />
        ))}
        {area("contributing", "What contributed")}
      </Group>
      <Group title="What was learned">
        {area("went_well", "What went well")}
        {area("went_badly", "What went badly")}
        {area("lessons", "Lessons")}
        <TextInput
          label="Procedures updated"
          description="Which ones, or that none needs to be"
          maxLength={300}
          value={texts.procedures_updated}
          onChange={(event) => set("procedures_updated", event.currentTarget.value)}
          error={errors.procedures_updated}
        />
      </Group>
    </FormModal>
  );
}
