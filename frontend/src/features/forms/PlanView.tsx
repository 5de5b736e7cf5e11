import { Button } from "@mantine/core";
import { useSessionStorage } from "@mantine/hooks";
import { IconClipboardCheck, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useStartRun } from "@/api/mutations";
import { proversQuery } from "@/api/queries";
import type { Prover, VisitPlan } from "@/api/types";
import { Ago } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import { Notices } from "@/components/Notices";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useZone } from "@/lib/useUser";
import classes from "./FormsPage.module.css";
import { PlanTable } from "./PlanTable";
import { asRequest, type Choices, planSummary, prepareLabel } from "./plan";

interface Props {
  plan: VisitPlan;
  columns: string[];
  onRead: () => void;
  onStarted: (runId: string) => void;
}

const NONE: Choices = {};

/** What will happen to each dispenser and why, before anything is written. */
export function PlanView({ plan, columns, onRead, onStarted }: Props) {
  const zone = useZone();
  const { data: provers } = useQuery(proversQuery);
  const start = useStartRun(plan.visit_id);
  // A reload must not lose what somebody has set by hand; another plan begins anew.
  const [kept, keep] = useSessionStorage({
    key: `fossawork-choices-${plan.visit_id}`,
    defaultValue: { digest: plan.digest, choices: NONE },
    getInitialValueInEffect: false,
  });
  const choices = kept.digest === plan.digest ? kept.choices : NONE;
  const changes = Object.keys(choices).length;
  const items = provers?.items ?? [];

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
            disabled={!plan.can_run}
            loading={start.isPending}
            onClick={() =>
              start.mutate(
                { digest: plan.digest, choices: asRequest(choices) },
                { onSuccess: (run) => onStarted(run.id) },
              )
            }
          >
            {prepareLabel(plan)}
          </Button>
        </div>
      </section>
      {start.error !== null && <ProblemPanel error={start.error} />}
      <Notices notices={plan.warnings} />
      {plan.unresolved.length > 0 && (
        <section className={classes.unresolved} aria-labelledby="unresolved">
          <h2 id="unresolved">Not understood in the instructions</h2>
          <ul>
            {plan.unresolved.map((item) => (
              <li key={`${item.text} ${item.why}`}>
                <q>{item.text}</q> {item.why}
              </li>
            ))}
          </ul>
        </section>
      )}
      {plan.forms.length === 0 ? (
        <div className="card">
          <EmptyState compact title="No form is planned for this visit">
            {plan.warnings.length > 0
              ? "The notes above say why."
              : "The order asks for no calibration form."}
          </EmptyState>
        </div>
      ) : (
        <>
          <PlanTable
            forms={plan.forms}
            columns={columns}
            provers={items}
            choices={choices}
            onChoices={(next) => keep({ digest: plan.digest, choices: next })}
          />
          <div className={classes.legend}>
            <ProverLegend provers={items} />
            {changes > 0 && (
              <span>
                <span className={classes.changedMark} aria-hidden /> {changes} changed by you{" "}
                <Button
                  size="compact-xs"
                  variant="subtle"
                  onClick={() => keep({ digest: plan.digest, choices: NONE })}
                >
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

const SIDES: Record<number, string> = { 1: "left", 2: "centre", 3: "right" };

function ProverLegend({ provers }: { provers: Prover[] }) {
  return [...provers]
    .sort((a, b) => a.position - b.position)
    .map((prover) => (
      <span key={prover.prover_id} className="num">
        <b>P{prover.position}</b> {prover.prover_id}, {SIDES[prover.position] ?? "position not known"}
      </span>
    ));
}
