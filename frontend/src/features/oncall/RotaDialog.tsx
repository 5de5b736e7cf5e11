import { Button, Modal, MultiSelect, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { contactsQuery, useSetRota } from "@/api/oncall";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { useZone } from "@/lib/useUser";
import { wallTime } from "@/lib/zoned";
import classes from "./OnCall.module.css";

/** Weekly turns, in the order in which people are chosen. */
export default function RotaDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const contacts = useQuery(contactsQuery);
  const set = useSetRota();
  const [first, setFirst] = useState(() => wallTime(Date.now(), zone).slice(0, 10));
  const [at, setAt] = useState("09:00");
  const [primary, setPrimary] = useState<string[]>([]);
  const errors = fieldErrors(set.error);
  const people = (contacts.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }));
  const submit = () =>
    set.mutate(
      { zone, first, at, primary, secondary: null },
      {
        onSuccess: () => {
          notifyDone("The rota counts from now on.");
          onClose();
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title="Set the weekly rota">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <MultiSelect
          label="Turns of a week, in this order"
          description="Each is secondary in the week before, where there are at least two"
          placeholder={primary.length === 0 ? "Choose people" : undefined}
          data={people}
          value={primary}
          onChange={setPrimary}
          error={errors.primary}
        />
        <div className={classes.pair}>
          <TextInput
            type="date"
            label="First turn begins on"
            value={first}
            onChange={(event) => setFirst(event.currentTarget.value)}
            error={errors.first}
          />
          <TextInput
            type="time"
            label="Hand-over at"
            description={`Clock of ${zone}`}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
            error={errors.at}
          />
        </div>
        {set.error !== null && Object.keys(errors).length === 0 && (
          <ProblemPanel error={set.error} level={3} />
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={primary.length === 0 || first === "" || at === ""}
            loading={set.isPending}
          >
            Set the rota
          </Button>
        </div>
      </form>
    </Modal>
  );
}
