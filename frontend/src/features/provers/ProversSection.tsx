import { Button, MultiSelect, Select, Skeleton, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChangeProvers } from "@/api/mutations";
import { proversQuery } from "@/api/queries";
import type { Prover, ProverList } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { Notices } from "@/components/Notices";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone } from "@/lib/notify";
import { shortDate } from "@/lib/time";
import classes from "./ProversSection.module.css";
import { POSITIONS, placeAt, sameChoice } from "./provers";

export function ProversSection() {
  const { data, error, refetch } = useQuery(proversQuery);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <Skeleton height={200} radius={10} />
      </div>
    ) : (
      <ProblemPanel level={3} error={error} onRetry={() => refetch()} />
    );
  }
  if (data.items.length === 0) {
    return (
      <div className="card">
        <EmptyState compact title="No provers known">
          They are read from the portal's fleet page with each sync.
        </EmptyState>
      </div>
    );
  }
  return <ProversForm key={JSON.stringify(data)} kept={data} />;
}

const DUE = { ok: "ok", due_soon: "warn", overdue: "bad", unknown: "idle" } as const;

/** Until when the can may measure; close to that day and after it in colour and words. */
function Calibration({ prover }: { prover: Prover }) {
  const { calibration, calibration_note: note } = prover;
  return (
    <span className={classes.calibration} data-state={calibration}>
      <StatusDot tone={DUE[calibration]}>
        <span className={classes.note}>
          {note.replace(/\d{4}-\d{2}-\d{2}/, (date) => shortDate(date, 0))}
        </span>
      </StatusDot>
    </span>
  );
}

function ProversForm({ kept }: { kept: ProverList }) {
  const change = useChangeProvers();
  const [provers, setProvers] = useState(kept.items);
  const [auto, setAuto] = useState(kept.auto_position_ethanol_free);
  const proposed = kept.items.some((prover) => !prover.confirmed);
  const dirty = proposed || auto !== kept.auto_position_ethanol_free || !sameChoice(provers, kept.items);
  const shown = [...provers].sort((a, b) => a.position - b.position);
  const choices = [...new Set([...kept.grade_choices, ...kept.items.flatMap((prover) => prover.preferred)])];

  return (
    <form
      className={classes.root}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { ...kept, items: provers, auto_position_ethanol_free: auto },
          { onSuccess: () => notifyDone("Provers saved. New form plans use them.") },
        );
      }}
    >
      {proposed && (
        <Notices
          notices={[
            {
              code: "proposed",
              message: "These positions and grades are a proposal.",
              action: "Compare them with the provers on your truck, then save.",
            },
          ]}
        />
      )}
      <ul className={classes.list}>
        {shown.map((prover) => (
          <li key={prover.prover_id} className={classes.prover}>
            <div className={classes.name}>
              <strong className="num">{prover.prover_id}</strong>
              <span className={classes.detail}>
                {[prover.make, prover.size, prover.serial === null ? null : `serial ${prover.serial}`]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
              <Calibration prover={prover} />
            </div>
            <Select
              label="Position"
              data={POSITIONS.map(({ value, label }) => ({ value: String(value), label }))}
              value={String(prover.position)}
              allowDeselect={false}
              onChange={(value) =>
                value !== null && setProvers(placeAt(provers, prover.prover_id, Number(value)))
              }
              aria-label={`Position of prover ${prover.prover_id}`}
            />
            <MultiSelect
              label="Preferred for"
              data={choices}
              value={prover.preferred}
              searchable
              placeholder={prover.preferred.length === 0 ? "No grade" : ""}
              onChange={(preferred) =>
                setProvers(
                  provers.map((one) => (one.prover_id === prover.prover_id ? { ...one, preferred } : one)),
                )
              }
              aria-label={`Grades of prover ${prover.prover_id}`}
            />
          </li>
        ))}
      </ul>
      <Switch
        label="Ethanol-free goes to position 3"
        description="When the dispenser has no diesel and more than one grade: the third prover stands at the third hose."
        checked={auto}
        onChange={(event) => setAuto(event.currentTarget.checked)}
      />
      {change.isError && <ProblemPanel level={3} error={change.error} />}
      <div>
        <Button type="submit" disabled={!dirty} loading={change.isPending}>
          {proposed ? "Confirm provers" : "Save provers"}
        </Button>
      </div>
    </form>
  );
}
