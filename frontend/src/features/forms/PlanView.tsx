import { Button, Switch } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { IconClipboardCheck, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useStartRun } from "@/api/mutations";
import { chosenPlanQuery, proversQuery, templatesQuery } from "@/api/queries";
import type { Prover, StationType, VisitPlan } from "@/api/types";
import { Ago } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import { Notices } from "@/components/Notices";
import { ProblemPanel } from "@/components/ProblemPanel";
import { isWritten } from "@/lib/runs";
import { shortDate } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import { DispenserChoice } from "./DispenserChoice";
import classes from "./FormsPage.module.css";
import { OrderText } from "./OrderText";
import { PlanTable } from "./PlanTable";
import {
  asRequest,
  type Choices,
  countChoices,
  NO_CHOICES,
  planSummary,
  prepareLabel,
  readingCount,
} from "./plan";
import type { StationName } from "./StationCell";

interface Props {
  /** As the rules and the instructions make it; the person's choices come on top. */
  plan: VisitPlan;
  columns: string[];
  onRead: () => void;
  onStarted: (runId: string) => void;
}

/** What will happen to each dispenser and why, before anything is written. */
export function PlanView({ plan: base, columns, onRead, onStarted }: Props) {
  const zone = useZone();
  const { data: provers } = useQuery(proversQuery);
  const { data: templates } = useQuery(templatesQuery);
  const start = useStartRun(base.visit_id);
  const [choosing, setChoosing] = useState(false);
  // A reload must not lose what somebody has set by hand; another plan begins anew.
  const [kept, keep] = useSessionStorage({
    key: `fossawork-choices-${base.visit_id}`,
    defaultValue: { digest: base.digest, choices: NO_CHOICES },
    getInitialValueInEffect: false,
  });
  const choices = kept.digest === base.digest ? { ...NO_CHOICES, ...kept.choices } : NO_CHOICES;
  const setChoices = (next: Choices) => keep({ digest: base.digest, choices: next });
  const changes = countChoices(choices);
  const request = asRequest(choices);
  // Readings, warnings and what can run depend on the choices, so the server plans with them.
  const own = useQuery({ ...chosenPlanQuery(base.visit_id, request), enabled: changes > 0 });
  const plan = changes > 0 ? (own.data ?? base) : base;
  const settled = changes === 0 || (own.isSuccess && !own.isPlaceholderData);
  const items = provers?.items ?? [];
  const names: StationName[] = plan.stations.map(({ station }) => ({
    key: station,
    name: templates?.items.find((item) => item.template.station === station)?.name ?? station,
  }));

  return (
    <div className={classes.stack}>
      <section className={classes.bar} aria-label="Plan">
        <div className={classes.what}>
          <h2 className={classes.headline}>
            {plan.form_type}{" "}
            <span className={classes.code}>{plan.code === null ? "" : `code ${plan.code}`}</span>
          </h2>
          <p className="num">{planSummary(plan)}</p>
          <p className="muted">
            Portal read <Ago instant={plan.checked_at} zone={zone} /> · {plan.existing} forms exist there
          </p>
        </div>
        <div className={classes.actions}>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={onRead}
            disabled={start.isPending}
          >
            Read again
          </Button>
          <Button
            leftSection={<IconClipboardCheck size={18} aria-hidden />}
            disabled={!plan.can_run || !settled}
            loading={start.isPending || (changes > 0 && own.isFetching && !settled)}
            onClick={() =>
              start.mutate(
                { digest: base.digest, choices: request },
                { onSuccess: (run) => onStarted(run.id) },
              )
            }
          >
            {prepareLabel(plan)}
          </Button>
        </div>
      </section>
      {start.error !== null && <ProblemPanel error={start.error} />}
      {own.error !== null && changes > 0 && (
        <ProblemPanel
          error={own.error}
          title="The plan could not be made with your choices"
          onRetry={() => own.refetch()}
        />
      )}
      <DispenserChoice
        key={(choices.dispensers ?? []).join()}
        base={base}
        chosen={choices.dispensers}
        open={choosing}
        onClose={() => setChoosing(false)}
        onChoose={(dispensers) => setChoices({ ...choices, dispensers })}
      />
      <Notices notices={plan.warnings} />
      <OrderText plan={plan} />
      {base.dispensers.length > 0 && (
        <Options
          plan={plan}
          choices={choices}
          names={names}
          onChoices={setChoices}
          onChoose={choosing || base.questions.length > 0 ? null : () => setChoosing(true)}
        />
      )}
      {plan.forms.length === 0 ? (
        <div className="card">
          <EmptyState compact title="No form is planned for this visit">
            {plan.questions.length > 0
              ? "Answer the question above: then the forms stand here."
              : plan.warnings.length > 0
                ? "The notes above say why."
                : "The order asks for no calibration form."}
          </EmptyState>
        </div>
      ) : (
        <>
          <PlanTable
            forms={plan.forms}
            base={base.forms}
            stations={names}
            columns={columns}
            provers={items}
            choices={choices}
            onChoices={setChoices}
          />
          <div className={classes.legend}>
            <ProverLegend provers={items} />
            {changes > 0 && (
              <span>
                <span className={classes.changedMark} aria-hidden /> {changes} changed by you{" "}
                <Button size="compact-xs" variant="subtle" onClick={() => setChoices(NO_CHOICES)}>
                  Back to the plan
                </Button>
              </span>
            )}
          </div>
        </>
      )}
    </div>
  );
}

interface OptionsProps {
  plan: VisitPlan;
  choices: Choices;
  names: StationName[];
  onChoices: (choices: Choices) => void;
  onChoose: (() => void) | null;
}

/** What holds for the whole plan: whether readings are prepared, as which station, and for which dispensers. */
function Options({ plan, choices, names, onChoices, onChoose }: OptionsProps) {
  const readings = choices.readings ?? plan.readings;
  const writable = plan.forms.filter((form) => isWritten(form.action));
  const keys = new Set(writable.map((form) => form.station?.key ?? ""));
  const [only] = keys;
  return (
    <section className={classes.options} aria-label="Options">
      <Switch
        label="Prepare readings"
        checked={readings}
        onChange={(event) => onChoices({ ...choices, readings: event.currentTarget.checked })}
      />
      <span className={classes.optionNote}>
        {writable.length === 0
          ? "Nothing is to be typed"
          : readings && plan.readings
            ? `${count(readingCount(writable), "reading")} on ${count(writable.length, "form")}`
            : "Section 1 and grades only"}
      </span>
      {readings && writable.length > 1 && (
        <label className={classes.optionSelect}>
          Station of all
          <select
            value={keys.size === 1 ? only : ""}
            onChange={(event) => {
              const station = event.currentTarget.value as StationType;
              const stations = Object.fromEntries(writable.map((form) => [form.dispenser, station]));
              onChoices({ ...choices, stations: { ...choices.stations, ...stations } });
            }}
          >
            {(keys.size !== 1 || only === "") && (
              <option value="" disabled>
                {keys.size > 1 ? "differ" : "not chosen"}
              </option>
            )}
            {names.map(({ key, name }) => (
              <option key={key} value={key}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      {onChoose !== null && choices.dispensers === null && (
        <Button size="compact-sm" variant="subtle" className={classes.optionEnd} onClick={onChoose}>
          Choose dispensers
        </Button>
      )}
    </section>
  );
}

const SIDES: Record<number, string> = { 1: "left", 2: "centre", 3: "right" };

const DUE_WORDS: Partial<Record<Prover["calibration"], string>> = {
  due_soon: "calibration due",
  overdue: "calibration was due",
};

function ProverLegend({ provers }: { provers: Prover[] }) {
  return [...provers]
    .sort((a, b) => a.position - b.position)
    .map((prover) => (
      <span key={prover.prover_id} className="num">
        <b>P{prover.position}</b> {prover.prover_id}, {SIDES[prover.position] ?? "position not known"}
        {prover.next_calibration !== null && DUE_WORDS[prover.calibration] !== undefined && (
          <span className={classes.due} data-state={prover.calibration}>
            , {DUE_WORDS[prover.calibration]} {shortDate(prover.next_calibration, 0)}
          </span>
        )}
      </span>
    ));
}
