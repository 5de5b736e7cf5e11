import { Button, Modal, MultiSelect, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { rulesQuery } from "@/api/operations";
import { usePlanMaintenance } from "@/api/operationsWrites";
import { ProblemPanel } from "@/components/ProblemPanel";
import { WallField } from "@/components/WallField";
import { lasting } from "@/lib/figures";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./Dialog.module.css";

const MINUTE = 60_000;
/** What an interruption of the server sets off. */
const USUAL = ["system_down", "db_down", "scheduler_stale", "collector_stale"];

/** Planned work: it must be said before it begins. */
export default function MaintenanceDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const plan = usePlanMaintenance();
  const rules = useQuery(rulesQuery);
  const [now] = useState(() => Date.now());
  const [from, setFrom] = useState(() => wallTime(now + 10 * MINUTE, zone));
  const [to, setTo] = useState(() => wallTime(now + 70 * MINUTE, zone));
  const [chosen, setChosen] = useState(USUAL);
  const [reason, setReason] = useState("");
  const errors = fieldErrors(plan.error);
  const [starts, ends] = [instantOf(from, zone), instantOf(to, zone)];
  const takes = starts === null || ends === null ? null : (Date.parse(ends) - Date.parse(starts)) / 1000;
  const submit = () => {
    if (starts === null || ends === null) return;
    plan.mutate(
      { starts_at: starts, ends_at: ends, rules: chosen, reason: reason.trim() },
      {
        onSuccess: (window) => {
          notifyDone(`Planned for ${instantText(window.starts_at, zone)}.`);
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title="Plan maintenance" size="lg">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
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
          value={rules.data === undefined ? [] : chosen}
          onChange={setChosen}
          error={errors.rules}
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
        {plan.error !== null && Object.keys(errors).length === 0 && (
          <ProblemPanel error={plan.error} level={3} />
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={takes === null || takes <= 0 || reason.trim().length < 3 || chosen.length === 0}
            loading={plan.isPending}
          >
            Plan it
          </Button>
        </div>
      </form>
    </Modal>
  );
}
