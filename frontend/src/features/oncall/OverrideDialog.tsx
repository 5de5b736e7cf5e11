import { SegmentedControl, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useAddOverride } from "@/api/onCallWrites";
import { contactsQuery } from "@/api/operations";
import type { NewOverride } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { WallField } from "@/components/WallField";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./OnCallPage.module.css";

const NOBODY = "nobody";
const HOUR = 3_600_000;

/** Somebody else is on call for a time: a swap, a leave, a holiday. */
export default function OverrideDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const add = useAddOverride();
  const contacts = useQuery(contactsQuery);
  const [now] = useState(() => Math.ceil(Date.now() / HOUR) * HOUR);
  const [level, setLevel] = useState<NewOverride["level"]>("primary");
  const [kind, setKind] = useState<NewOverride["kind"]>("swap");
  const [who, setWho] = useState<string | null>(null);
  const [from, setFrom] = useState(() => wallTime(now, zone));
  const [to, setTo] = useState(() => wallTime(now + 24 * HOUR, zone));
  const [note, setNote] = useState("");
  const errors = fieldErrors(add.error);
  const [starts, ends] = [instantOf(from, zone), instantOf(to, zone)];
  const wrong = starts !== null && ends !== null && ends <= starts;
  const submit = () => {
    if (starts === null || ends === null || who === null) return;
    add.mutate(
      {
        level,
        kind,
        contact_id: who === NOBODY ? null : who,
        starts_at: starts,
        ends_at: ends,
        note: note.trim(),
      },
      {
        onSuccess: () => {
          notifyDone("Agreed. It stands in the shifts.");
          onClose();
        },
      },
    );
  };
  return (
    <FormModal
      title="Somebody else is on call"
      needs={contacts}
      writing={add}
      shown={["contact_id", "starts_at", "ends_at", "note"]}
      submit="Agree"
      disabled={who === null || starts === null || ends === null || wrong}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className={classes.pair}>
        <SegmentedControl
          aria-label="Level"
          value={level}
          onChange={(value) => setLevel(value as NewOverride["level"])}
          data={[
            { value: "primary", label: "First" },
            { value: "secondary", label: "Second" },
          ]}
        />
        <SegmentedControl
          aria-label="Why"
          value={kind}
          onChange={(value) => setKind(value as NewOverride["kind"])}
          data={[
            { value: "swap", label: "Swap" },
            { value: "leave", label: "Leave" },
            { value: "holiday", label: "Holiday" },
          ]}
        />
      </div>
      <Select
        label="Who"
        placeholder="Choose a contact"
        data={[
          ...(contacts.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
          { value: NOBODY, label: "Nobody was found yet: a gap" },
        ]}
        value={who}
        onChange={setWho}
        error={errors.contact_id}
      />
      <div className={classes.pair}>
        <WallField label="From" zone={zone} value={from} onChange={setFrom} error={errors.starts_at} />
        <WallField
          label="To"
          zone={zone}
          value={to}
          onChange={setTo}
          error={errors.ends_at ?? (wrong ? "It must end after it begins." : undefined)}
        />
      </div>
      <TextInput
        label="Note"
        maxLength={300}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        error={errors.note}
      />
    </FormModal>
  );
}
