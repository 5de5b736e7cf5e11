import { Checkbox, MultiSelect, PasswordInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAddContact, useChangeContact } from "@/api/onCallWrites";
import type { ContactChange, OnCallContact } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { notifyDone } from "@/lib/notify";
import { capital, DUTY_ROLES, type DutyRole, roleName } from "@/lib/operations";
import { errorAt, fieldErrors } from "@/lib/problems";
import { useZone } from "@/lib/useUser";

interface Props {
  /** Null: a new one. */
  contact: OnCallContact | null;
  onClose: () => void;
}

/** A contact. What is stored of its addresses is never shown again; an empty field keeps it. */
export default function ContactDialog({ contact, onClose }: Props) {
  const own = useZone();
  const add = useAddContact();
  const change = useChangeContact(contact?.id ?? "");
  const [name, setName] = useState(contact?.name ?? "");
  const [roles, setRoles] = useState<DutyRole[]>(contact?.roles ?? ["ops_team"]);
  const [email, setEmail] = useState("");
  const [key, setKey] = useState("");
  const [desktop, setDesktop] = useState(contact?.desktop ?? false);
  const [zone, setZone] = useState(contact?.time_zone ?? own);
  const [without, setWithout] = useState({ email: false, key: false });
  const writing = contact === null ? add : change;
  const errors = fieldErrors(writing.error);
  const done = (kept: OnCallContact) => {
    const again = kept.verified_on === null ? "; verify it again" : "";
    notifyDone(contact === null ? `${kept.name} can be called.` : `${kept.name} is up to date${again}.`);
    onClose();
  };
  const submit = () => {
    const basics = { name: name.trim(), roles, desktop, time_zone: zone };
    if (contact === null) {
      add.mutate(
        { ...basics, email: email.trim() || null, pushover_key: key.trim() || null },
        { onSuccess: done },
      );
      return;
    }
    const changed: ContactChange = { ...basics };
    if (email.trim() !== "") changed.email = email.trim();
    else if (without.email) changed.email = null;
    if (key.trim() !== "") changed.pushover_key = key.trim();
    else if (without.key) changed.pushover_key = null;
    change.mutate(changed, { onSuccess: done });
  };
  const kept = (hint: string | null | undefined): string =>
    hint == null ? "" : `Kept: ${hint}. Only type here to replace it.`;
  return (
    <FormModal
      title={contact === null ? "Add a contact" : `Edit ${contact.name}`}
      writing={writing}
      shown={["name", "roles", "email", "pushover_key", "time_zone"]}
      submit="Save"
      disabled={name.trim() === ""}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label="Name"
        data-autofocus
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
      />
      <MultiSelect
        label="Roles"
        data={DUTY_ROLES.map((role) => ({ value: role, label: capital(roleName(role)) }))}
        value={roles}
        onChange={(value) => setRoles(value as DutyRole[])}
        error={errorAt(errors, "roles")}
      />
      <TextInput
        type="email"
        label="E-mail"
        description={kept(contact?.email_hint)}
        autoComplete="off"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={errors.email}
      />
      {contact !== null && contact.email_hint !== null && email === "" && (
        <Checkbox
          label="Remove the e-mail"
          checked={without.email}
          onChange={(event) => setWithout({ ...without, email: event.currentTarget.checked })}
        />
      )}
      <PasswordInput
        label="Pushover key"
        description={kept(contact?.pushover_hint)}
        autoComplete="off"
        value={key}
        onChange={(event) => setKey(event.currentTarget.value)}
        error={errors.pushover_key}
      />
      {contact !== null && contact.pushover_hint !== null && key === "" && (
        <Checkbox
          label="Remove the Pushover key"
          checked={without.key}
          onChange={(event) => setWithout({ ...without, key: event.currentTarget.checked })}
        />
      )}
      <Checkbox
        label="The desktop of this machine"
        checked={desktop}
        onChange={(event) => setDesktop(event.currentTarget.checked)}
      />
      <TextInput
        label="Time zone"
        value={zone}
        onChange={(event) => setZone(event.currentTarget.value)}
        error={errors.time_zone}
      />
    </FormModal>
  );
}
