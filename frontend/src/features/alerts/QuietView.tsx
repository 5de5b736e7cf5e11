import { Button, Skeleton, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { maintenanceQuery, rulesQuery, silencesQuery } from "@/api/operations";
import { useEndMaintenance, useEndSilence } from "@/api/operationsWrites";
import type { MaintenanceView, RuleView, SilenceView } from "@/api/types";
import { useNow } from "@/components/Ago";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { lasting } from "@/lib/figures";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { list } from "@/lib/words";
import classes from "./QuietView.module.css";

const SilenceDialog = lazy(() => import("./SilenceDialog"));
const MaintenanceDialog = lazy(() => import("./MaintenanceDialog"));

/** When nobody is to be called, and who said so. */
export default function QuietView() {
  const [asks, setAsks] = useState<"silence" | "maintenance" | null>(null);
  return (
    <>
      <Silences onAdd={() => setAsks("silence")} />
      <Maintenance onPlan={() => setAsks("maintenance")} />
      <Suspense fallback={null}>
        {asks === "silence" && <SilenceDialog rule={null} onClose={() => setAsks(null)} />}
        {asks === "maintenance" && <MaintenanceDialog onClose={() => setAsks(null)} />}
      </Suspense>
    </>
  );
}

const titleOf = (id: string, rules: RuleView[] | undefined): string =>
  rules?.find((rule) => rule.id === id)?.title ?? id;

function Silences({ onAdd }: { onAdd: () => void }) {
  const silences = useQuery(silencesQuery);
  const { data, error, refetch } = silences;
  return (
    <Section
      title="Silences"
      of={silences}
      hint="in force now"
      action={
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={onAdd}>
          Silence a rule
        </Button>
      }
    >
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the silences</span>
            <Skeleton height={96} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : data.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="No rule is silenced">
            A silence keeps a known trouble from calling people, at most for seven days.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.list}>
          {data.map((silence) => (
            <Silence key={silence.id} silence={silence} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Silence({ silence }: { silence: SilenceView }) {
  const zone = useZone();
  const now = useNow();
  const { data: rules } = useQuery(rulesQuery);
  const end = useEndSilence();
  const title = titleOf(silence.rule, rules);
  return (
    <li className={classes.item}>
      <div className={classes.what}>
        <p>
          <strong>{title}</strong> <span className="muted">{silence.component ?? "all components"}</span>
        </p>
        <p>{silence.comment}</p>
        <p className="muted">
          by {silence.made_by}, {instantText(silence.starts_at, zone)}
        </p>
      </div>
      <p className={classes.until}>
        until {instantText(silence.ends_at, zone)}
        <span className="muted"> {lasting((Date.parse(silence.ends_at) - now) / 1000)} left</span>
      </p>
      <Button
        size="xs"
        variant="default"
        loading={end.isPending}
        aria-label={`End now: ${title}`}
        onClick={() =>
          end.mutate(silence.id, {
            onSuccess: () => notifyDone("The silence is over."),
            onError: notifyProblem,
          })
        }
      >
        End now
      </Button>
    </li>
  );
}

function Maintenance({ onPlan }: { onPlan: () => void }) {
  const windows = useQuery(maintenanceQuery);
  const { data, error, refetch } = windows;
  return (
    <Section
      title="Planned maintenance"
      of={windows}
      hint="to come, and of the last 30 days"
      action={
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={onPlan}>
          Plan maintenance
        </Button>
      }
    >
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the maintenance windows</span>
            <Skeleton height={96} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : data.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="No maintenance is planned">
            Work that was planned before it began counts neither for nor against availability.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.list}>
          {data.map((window) => (
            <Window key={window.id} window={window} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Window({ window }: { window: MaintenanceView }) {
  const zone = useZone();
  const now = useNow();
  const { data: rules } = useQuery(rulesQuery);
  const end = useEndMaintenance();
  const over = Date.parse(window.ends_at) <= now;
  const send = () =>
    end.mutate(window.id, {
      onSuccess: () =>
        notifyDone(window.in_force ? "The maintenance is over." : "The maintenance is called off."),
      onError: notifyProblem,
    });
  const ask = () =>
    modals.openConfirmModal({
      title: "Call this maintenance off?",
      children: (
        <Text size="md">“{window.reason}” will not be announced any more. It can be planned anew.</Text>
      ),
      labels: { confirm: "Call it off", cancel: "Keep it" },
      confirmProps: { color: "red.9" },
      onConfirm: send,
    });
  return (
    <li className={classes.item} data-over={over || undefined}>
      <div className={classes.what}>
        <p>
          <strong>{window.reason}</strong>
        </p>
        <p className="muted">Silent: {list(window.rules.map((rule) => titleOf(rule, rules))) || "no rule"}</p>
        <p className="muted">
          by {window.made_by}
          {window.ended_by !== null && `, ended by ${window.ended_by}`}
        </p>
      </div>
      <div className={classes.until}>
        <p>
          {instantText(window.starts_at, zone)} – {instantText(window.ends_at, zone)}
        </p>
        <StatusDot tone={window.in_force ? "busy" : "idle"}>
          {window.in_force ? "now" : over ? "over" : "to come"}
        </StatusDot>
      </div>
      {over ? (
        <span />
      ) : (
        <Button
          size="xs"
          variant="default"
          loading={end.isPending}
          onClick={window.in_force ? send : ask}
          aria-label={`${window.in_force ? "End now" : "Call off"}: ${window.reason}`}
        >
          {window.in_force ? "End now" : "Call off"}
        </Button>
      )}
    </li>
  );
}
