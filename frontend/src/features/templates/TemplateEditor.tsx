import { Button, Modal, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { IconArrowBackUp } from "@tabler/icons-react";
import { useState } from "react";
import { useChangeTemplate } from "@/api/mutations";
import type { Procedure, TemplateView } from "@/api/types";
import { Refusal } from "@/components/Refusal";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { changeOf, draftOf, isDirty, TABLES } from "./edit";
import { ReadingsTable } from "./ReadingsTable";
import classes from "./TemplateEditor.module.css";

interface Props {
  view: TemplateView;
  procedures: Procedure[];
  onClose: () => void;
}

/** The readings of one station type. Nothing is kept before it is saved, and closing asks when something would be lost. */
export default function TemplateEditor({ view, procedures, onClose }: Props) {
  const { template, name, own } = view;
  const change = useChangeTemplate(template.station);
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const [draft, setDraft] = useState(() => draftOf(template));
  const dirty = isDirty(draft, template);
  const errors = change.variables === null ? {} : fieldErrors(change.error);
  const first = procedures[0] ?? "Wet Down";

  const close = () => {
    if (!dirty) return onClose();
    modals.openConfirmModal({
      title: "Leave without saving?",
      children: <Text size="md">Your changes to the readings of {name} will be lost.</Text>,
      labels: { confirm: "Leave without saving", cancel: "Stay here" },
      confirmProps: { color: "red.9" },
      onConfirm: onClose,
    });
  };
  const save = () =>
    change.mutate(changeOf(draft), {
      onSuccess: () => {
        notifyDone(`Readings of ${name} saved. New plans use them.`);
        onClose();
      },
    });
  const reset = () =>
    modals.openConfirmModal({
      title: "Back to the built-in readings?",
      children: <Text size="md">Your own readings of {name} will be removed.</Text>,
      labels: { confirm: "Use the built-in readings", cancel: "Keep mine" },
      confirmProps: { color: "red.9" },
      onConfirm: () =>
        change.mutate(null, {
          onSuccess: () => {
            notifyDone(`${name} has its built-in readings again.`);
            onClose();
          },
        }),
    });

  return (
    <Modal
      opened
      onClose={close}
      title={`Readings of ${name}`}
      size="min(62rem, 96vw)"
      fullScreen={phone}
      centered={false}
      yOffset="4vh"
    >
      <form
        className={classes.root}
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <p className="muted">
          An empty figure is left to you on the form. A table without rows prescribes nothing: those readings
          stay as they are.
        </p>
        {TABLES.map((table) => (
          <ReadingsTable
            key={table.key}
            table={table}
            draft={draft}
            onDraft={setDraft}
            procedures={procedures}
            first={first}
            errors={errors}
          />
        ))}
        <Refusal
          error={change.error}
          shown={change.variables === null ? [] : TABLES.map((table) => table.key)}
        />
        <div className={classes.foot}>
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            disabled={!own}
            onClick={reset}
          >
            Built-in readings
          </Button>
          <span className={classes.state} role="status">
            {Object.keys(errors).length > 0
              ? "Some fields do not fit."
              : dirty
                ? "Not saved yet"
                : "No changes"}
          </span>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" disabled={!dirty} loading={change.isPending}>
            Save readings
          </Button>
        </div>
      </form>
    </Modal>
  );
}
