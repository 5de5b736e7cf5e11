import { Button, Checkbox, Modal, MultiSelect, TextInput } from "@mantine/core";
import { useState } from "react";
import { useAddContact } from "@/api/oncall";
import type { OnCallRole } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import classes from "./OnCall.module.css";
import { ROLES } from "./words";

const CHOICES = Object.entries(ROLES).map(([value, label]) => ({ value, label }));

/** Somebody who is to be told. At least one way to reach them is needed. */
export default function ContactDialog({ onClose }: { onClose: () => void }) {
  const add = useAddContact();
  const [name, setName] = useState("");
  const [roles, setRoles] = useState<string[]>([]);
  const [email, setEmail] = useState("");
  const [key, setKey] = useState("");
  const [desktop, setDesktop] = useState(false);
  const errors = fieldErrors(add.error);
  const reachable = email.trim() !== "" || key.trim() !== "" || desktop;
  const submit = () =>
    add.mutate(
      {
        name: name.trim(),
        roles: roles as OnCallRole[],
        email: email.trim() || null,
        pushover_key: key.trim() || null,
        desktop,
        time_zone: null,
      },
      {
        onSuccess: () => {
          notifyDone(`${name.trim()} can be told now.`);
          onClose();
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title="Add a contact">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextInput
          label="Name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={errors.name}
          data-autofocus
        />
        <MultiSelect
          label="Roles"
          description="What the escalation matrix calls this person for"
          data={CHOICES}
          value={roles}
          onChange={setRoles}
          error={errors.roles}
        />
        <TextInput
          label="E-mail"
          type="email"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
          error={errors.email}
        />
        <TextInput
          label="Pushover user key"
          description="30 letters and digits"
          autoComplete="off"
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
          error={errors.pushover_key}
        />
        <Checkbox
          label="Show on the desktop of this server's machine"
          checked={desktop}
          onChange={(event) => setDesktop(event.currentTarget.checked)}
        />
        {add.error !== null && Object.keys(errors).length === 0 && (
          <ProblemPanel error={add.error} level={3} />
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={name.trim() === "" || !reachable} loading={add.isPending}>
            Add the contact
          </Button>
        </div>
      </form>
    </Modal>
  );
}
