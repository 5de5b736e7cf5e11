import { Button, Modal, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { contactsQuery, useAddOverride } from "@/api/oncall";
import type { NewOverride } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { WallField } from "@/components/WallField";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./OnCall.module.css";

const DAY = 86_400_000;
const LEVELS = [
  { value: "primary", label: "Primary" },
  { value: "secondary", label: "Secondary" },
];
const KINDS = [
  { value: "swap", label: "Swap" },
  { value: "leave", label: "Leave" },
  { value: "holiday", label: "Holiday" },
];

/** What is agreed otherwise for a time: it beats the rota. */
export default function OverrideDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const contacts = useQuery(contactsQuery);
  const add = useAddOverride();
  const [level, setLevel] = useState<NewOverride["level"]>("primary");
  const [kind, setKind] = useState<NewOverride["kind"]>("swap");
  const [person, setPerson] = useState<string | null>(null);
  const [from, setFrom] = useState(() => wallTime(Date.now(), zone));
  const [to, setTo] = useState(() => wallTime(Date.now() + DAY, zone));
  const [note, setNote] = useState("");
  const errors = fieldErrors(add.error);
  const starts = instantOf(from, zone);
  const ends = instantOf(to, zone);
  const submit = () => {
    if (starts === null || ends === null) return;
    add.mutate(
      { level, kind, contact_id: person, starts_at: starts, ends_at: ends, note: note.trim() },
      {
        onSuccess: () => {
          notifyDone("Agreed.");
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title="Agree otherwise">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className={classes.pair}>
          <Select
            label="In place of the"
            data={LEVELS}
            allowDeselect={false}
            value={level}
            onChange={(value) => setLevel(value as NewOverride["level"])}
          />
          <Select
            label="Because of"
            data={KINDS}
            allowDeselect={false}
            value={kind}
            onChange={(value) => setKind(value as NewOverride["kind"])}
          />
        </div>
        <Select
          label="Who does it"
          description="Nobody: found later, and shown as a gap until then"
          placeholder="nobody yet"
          clearable
          data={(contacts.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={person}
          onChange={setPerson}
          error={errors.contact_id}
        />
        <div className={classes.pair}>
          <WallField label="From" zone={zone} value={from} onChange={setFrom} error={errors.starts_at} />
          <WallField label="Until" zone={zone} value={to} onChange={setTo} error={errors.ends_at} />
        </div>
        <TextInput
          label="Note"
          maxLength={300}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {add.error !== null && Object.keys(errors).length === 0 && (
          <ProblemPanel error={add.error} level={3} />
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={starts === null || ends === null} loading={add.isPending}>
            Agree
          </Button>
        </div>
      </form>
    </Modal>
  );
}
