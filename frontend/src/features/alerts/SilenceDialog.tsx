import { Button, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { rulesQuery } from "@/api/operations";
import { useSilence } from "@/api/operationsWrites";
import { FormModal } from "@/components/FormModal";
import { WallField } from "@/components/WallField";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { instantOf } from "@/lib/zoned";
import classes from "./Dialog.module.css";
import { quickEnds } from "./words";

interface Props {
  rule: string | null;
  component?: string | null;
  onClose: () => void;
}

/** A rule that calls nobody for a time. Its alerts are still seen. */
export default function SilenceDialog({ rule: first, component: place = null, onClose }: Props) {
  const zone = useZone();
  const silence = useSilence();
  const rules = useQuery(rulesQuery);
  const [quick] = useState(() => quickEnds(Date.now(), zone));
  const [rule, setRule] = useState(first);
  const [component, setComponent] = useState(place ?? "");
  const [until, setUntil] = useState(quick[0]?.until ?? "");
  const [comment, setComment] = useState("");
  const errors = fieldErrors(silence.error);
  const end = instantOf(until, zone);
  const known = rules.data?.find((one) => one.id === rule);
  const submit = () => {
    if (rule === null || end === null) return;
    silence.mutate(
      { rule, component: component.trim() || null, ends_at: end, comment: comment.trim() },
      {
        onSuccess: () => {
          notifyDone(`Silent until ${instantText(end, zone)}.`);
          onClose();
        },
      },
    );
  };
  return (
    <FormModal
      title="Silence a rule"
      needs={rules}
      writing={silence}
      shown={["rule", "component", "ends_at", "comment"]}
      submit="Silence the rule"
      disabled={rule === null || end === null || comment.trim().length < 3}
      onSubmit={submit}
      onClose={onClose}
    >
      <Select
        label="Rule"
        placeholder="Choose a rule"
        data={(rules.data ?? []).map((one) => ({ value: one.id, label: one.title }))}
        searchable
        value={rule}
        onChange={setRule}
        error={errors.rule}
      />
      <TextInput
        label="Only for"
        description="A component, or nothing: for all of them"
        placeholder="all components"
        maxLength={80}
        value={component}
        onChange={(event) => setComponent(event.currentTarget.value)}
        error={errors.component}
      />
      <WallField
        label="Until"
        zone={zone}
        value={until}
        onChange={setUntil}
        error={errors.ends_at ?? (until !== "" && end === null ? "This is no day and time." : undefined)}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, these are commands */}
      <div className={classes.quick} role="group" aria-label="Ends that are often wanted">
        {quick.map((one) => (
          <Button
            key={one.label}
            size="compact-xs"
            variant={one.until === until ? "light" : "default"}
            aria-pressed={one.until === until}
            onClick={() => setUntil(one.until)}
          >
            {one.label}
          </Button>
        ))}
      </div>
      <Textarea
        label="Why"
        description="Everybody sees it beside the silent alert"
        autosize
        minRows={2}
        maxRows={5}
        maxLength={300}
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
        error={errors.comment}
      />
      {known?.priorities.includes("p1") && (
        <p className={classes.warn}>This rule can be a P1. While it is silent, nobody is called for it.</p>
      )}
    </FormModal>
  );
}
