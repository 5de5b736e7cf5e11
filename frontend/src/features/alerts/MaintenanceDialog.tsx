import { MultiSelect, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { rulesQuery } from "@/api/operations";
import { usePlanMaintenance } from "@/api/operationsWrites";
import { FormModal } from "@/components/FormModal";
import { WallField } from "@/components/WallField";
import { lasting } from "@/lib/figures";
import { notifyDone } from "@/lib/notify";
import { errorAt, fieldErrors } from "@/lib/problems";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./Dialog.module.css";

const MINUTE = 60_000;

/** Planned work: it must be said before it begins. */
export default function MaintenanceDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const plan = usePlanMaintenance();
  const rules = useQuery(rulesQuery);
  const [now] = useState(() => Date.now());
  const [from, setFrom] = useState(() => wallTime(now + 10 * MINUTE, zone));
  const [to, setTo] = useState(() => wallTime(now + 70 * MINUTE, zone));
  const [chosen, setChosen] = useState<string[] | null>(null);
  const [reason, setReason] = useState("");
  const errors = fieldErrors(plan.error);
  const usual = (rules.data ?? []).filter((one) => one.silent_in_maintenance).map((one) => one.id);
  const silent = chosen ?? usual;
  const [starts, ends] = [instantOf(from, zone), instantOf(to, zone)];
  const takes = starts === null || ends === null ? null : (Date.parse(ends) - Date.parse(starts)) / 1000;
  const submit = () => {
    if (starts === null || ends === null) return;
    plan.mutate(
      { starts_at: starts, ends_at: ends, rules: silent, reason: reason.trim() },
      {
        onSuccess: (window) => {
          notifyDone(`Planned for ${instantText(window.starts_at, zone)}.`);
          onClose();
        },
      },
    );
  };
  return (
    <FormModal
      title="Plan maintenance"
      size="lg"
      needs={rules}
      writing={plan}
      shown={["starts_at", "ends_at", "rules", "reason"]}
      submit="Plan it"
      disabled={takes === null || takes <= 0 || reason.trim().length < 3 || silent.length === 0}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className={classes.pair}>
        <WallField label="From" zone={zone} value={from} onChange={setFrom} error={errors.starts_at} />
        <WallField
          label="To"
          zone={zone}
          value={to}
          onChange={setTo}
          error={
            errors.ends_at ?? (takes !== null && takes <= 0 ? "It must end after it begins." : undefined)
          }
        />
      </div>
      <p className="muted">
        {takes !== null && takes > 0 && `${lasting(takes)}. `}
        Availability leaves this time out, and the chosen rules call nobody. At most 12 h.
      </p>
      <MultiSelect
        label="Rules that stay silent"
        data={(rules.data ?? []).map((one) => ({ value: one.id, label: one.title }))}
        searchable
        clearable
        value={silent}
        onChange={setChosen}
        error={errorAt(errors, "rules")}
      />
      <Textarea
        label="What is done"
        autosize
        minRows={2}
        maxRows={5}
        maxLength={300}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        error={errors.reason}
      />
    </FormModal>
  );
}
