import { MultiSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSetRota } from "@/api/onCallWrites";
import { contactsQuery } from "@/api/operations";
import { FormModal } from "@/components/FormModal";
import { notifyDone } from "@/lib/notify";
import { errorAt, fieldErrors } from "@/lib/problems";
import { addDays, weekday } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { wallTime } from "@/lib/zoned";
import classes from "./OnCallPage.module.css";

/** The Monday after today. */
const nextMonday = (today: string): string => addDays(today, 8 - weekday(today));

/** Turns of a week, in the order in which they were chosen. */
export default function RotaDialog({ onClose }: { onClose: () => void }) {
  const own = useZone();
  const set = useSetRota();
  const contacts = useQuery(contactsQuery);
  const people = (contacts.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const [primary, setPrimary] = useState<string[]>([]);
  const [secondary, setSecondary] = useState<string[]>([]);
  const [first, setFirst] = useState(() => nextMonday(wallTime(Date.now(), own).slice(0, 10)));
  const [at, setAt] = useState("09:00");
  const [zone, setZone] = useState(own);
  const errors = fieldErrors(set.error);
  return (
    <FormModal
      title="New rota"
      size="lg"
      needs={contacts}
      writing={set}
      shown={["primary", "secondary", "first", "at", "zone"]}
      submit="Set the rota"
      disabled={primary.length === 0 || first === ""}
      onSubmit={() =>
        set.mutate(
          { zone, first, at, primary, secondary: secondary.length === 0 ? null : secondary },
          {
            onSuccess: () => {
              notifyDone("The rota is set. Earlier ones count until it begins.");
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      <MultiSelect
        label="On call, in turn"
        description="A week each, in this order, again and again"
        data={people}
        value={primary}
        onChange={setPrimary}
        searchable
        error={errorAt(errors, "primary")}
      />
      <MultiSelect
        label="Second, in turn"
        description="Nobody chosen: each is second in the week before their own"
        data={people}
        value={secondary}
        onChange={setSecondary}
        searchable
        error={errorAt(errors, "secondary")}
      />
      <div className={classes.triple}>
        <TextInput
          type="date"
          label="First day"
          value={first}
          onChange={(event) => setFirst(event.currentTarget.value)}
          error={errors.first}
        />
        <TextInput
          type="time"
          label="Handed over at"
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
          error={errors.at}
        />
        <TextInput
          label="Time zone"
          value={zone}
          onChange={(event) => setZone(event.currentTarget.value)}
          error={errors.zone}
        />
      </div>
    </FormModal>
  );
}
