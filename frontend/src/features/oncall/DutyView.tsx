import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { calendarQuery, dutyQuery, useRemoveOverride } from "@/api/oncall";
import type { OnCallOverride, OnCallShift } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ScrollRegion } from "@/components/ScrollRegion";
import { Section } from "@/components/Section";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { KINDS } from "@/lib/operations";
import { isAdmin } from "@/lib/roles";
import { instantText } from "@/lib/time";
import { useMaybeUser, useZone } from "@/lib/useUser";
import classes from "./OnCall.module.css";
import { Waiting } from "./Waiting";
import { dutyRows, gapHours, ROLES } from "./words";

const RotaDialog = lazy(() => import("./RotaDialog"));
const OverrideDialog = lazy(() => import("./OverrideDialog"));
const HandOverDialog = lazy(() => import("./HandOverDialog"));
type Ask = "rota" | "override" | "hand-over";

/** Who is on call now and in the next weeks, whom each level means, and what is wrong with that. */
export function DutyView() {
  const [ask, setAsk] = useState<Ask | null>(null);
  const close = () => setAsk(null);
  return (
    <>
      <Now onAsk={setAsk} />
      <Shifts onAsk={setAsk} />
      <Matrix />
      <Suspense fallback={null}>
        {ask === "rota" && <RotaDialog onClose={close} />}
        {ask === "override" && <OverrideDialog onClose={close} />}
        {ask === "hand-over" && <HandOverDialog onClose={close} />}
      </Suspense>
    </>
  );
}

function Now({ onAsk }: { onAsk: (ask: Ask) => void }) {
  const { data, error, refetch } = useQuery(dutyQuery);
  return (
    <Section
      title="On call now"
      action={
        <Button size="xs" variant="default" onClick={() => onAsk("hand-over")}>
          Hand-over note
        </Button>
      }
    >
      {data === undefined ? (
        <Waiting what="who is on call" height={84} error={error} onRetry={() => refetch()} />
      ) : (
        <>
          <div className={classes.now}>
            <Person title="Primary" shift={data.primary} />
            <Person title="Secondary" shift={data.secondary} />
          </div>
          {data.problems.length > 0 && (
            <ul
              className={classes.problems}
              aria-label="What is wrong with the plan"
              style={{ marginTop: 12 }}
            >
              {data.problems.map((problem) => (
                <li key={problem.text} className={classes.problem} data-severity={problem.severity}>
                  {problem.text}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Section>
  );
}

function Person({ title, shift }: { title: string; shift: OnCallShift }) {
  const zone = useZone();
  const nobody = shift.contact === null;
  return (
    <div className={classes.person} data-nobody={nobody || undefined}>
      <p className="muted">{title}</p>
      <strong>{shift.contact?.name ?? "Nobody"}</strong>
      <p className="muted">
        until {instantText(shift.ends_at, zone)}
        {shift.override_id !== null && ", as agreed"}
      </p>
    </div>
  );
}

function Shifts({ onAsk }: { onAsk: (ask: Ask) => void }) {
  const zone = useZone();
  const admin = isAdmin(useMaybeUser());
  const { data, error, refetch } = useQuery(calendarQuery);
  const hours = data === undefined ? 0 : gapHours(data.gaps);
  return (
    <Section
      title="The next four weeks"
      hint={hours > 0 ? `nobody is on call for ${Math.round(hours)} h of them` : undefined}
      action={
        admin && (
          <div className={classes.buttons}>
            <Button size="xs" variant="default" onClick={() => onAsk("rota")}>
              Set the rota
            </Button>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={15} aria-hidden />}
              onClick={() => onAsk("override")}
            >
              Agree otherwise
            </Button>
          </div>
        )
      }
    >
      {data === undefined ? (
        <Waiting what="the shifts" height={190} error={error} onRetry={() => refetch()} />
      ) : (
        <>
          <ScrollRegion label="Shifts" className={classes.tableCard}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">From</th>
                  <th scope="col">To</th>
                  <th scope="col">Primary</th>
                  <th scope="col">Secondary</th>
                </tr>
              </thead>
              <tbody>
                {dutyRows(data.shifts).map((row) => (
                  <tr key={row.starts_at}>
                    <td>{instantText(row.starts_at, zone)}</td>
                    <td>{instantText(row.ends_at, zone)}</td>
                    <td className={row.primary === null ? classes.nobody : undefined}>
                      {row.primary ?? "nobody"}
                      {row.agreed && <span className="muted"> (agreed)</span>}
                    </td>
                    <td>{row.secondary ?? <span className="muted">nobody</span>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollRegion>
          {data.overrides.length > 0 && <Overrides overrides={data.overrides} admin={admin} />}
        </>
      )}
    </Section>
  );
}

function Overrides({ overrides, admin }: { overrides: OnCallOverride[]; admin: boolean }) {
  const zone = useZone();
  const remove = useRemoveOverride();
  return (
    <ul className={classes.list} aria-label="Agreed otherwise" style={{ marginTop: 12 }}>
      {overrides.map((one) => (
        <li key={one.id} className={classes.item}>
          <div className={classes.what}>
            <p>
              <strong>{one.contact?.name ?? "Nobody yet"}</strong>{" "}
              <span className="muted">
                as {one.level} ({one.kind})
              </span>
            </p>
            <p className="muted">
              {instantText(one.starts_at, zone)} – {instantText(one.ends_at, zone)}
              {one.note !== "" && `: ${one.note}`}
            </p>
          </div>
          {admin && (
            <Button
              size="xs"
              variant="default"
              loading={remove.isPending && remove.variables === one.id}
              aria-label={`Take back: ${one.contact?.name ?? "nobody"} as ${one.level}`}
              onClick={() =>
                remove.mutate(one.id, {
                  onSuccess: () => notifyDone("The rota counts again for this time."),
                  onError: notifyProblem,
                })
              }
            >
              Take back
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Matrix() {
  const { data, error, refetch } = useQuery(dutyQuery);
  return (
    <Section title="Who is told" hint="as of now, by the escalation matrix">
      {data === undefined ? (
        <Waiting what="the escalation matrix" height={190} error={error} onRetry={() => refetch()} />
      ) : data.matrix.every((row) => row.levels.every((level) => level.tells.length === 0)) ? (
        <div className="card">
          <EmptyState compact level={3} title="Nobody can be told yet">
            Enter contacts and a channel: until then alerts reach this screen and the log only.
          </EmptyState>
        </div>
      ) : (
        <ScrollRegion label="Escalation matrix" className={classes.tableCard}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">Trouble</th>
                <th scope="col">At once</th>
                <th scope="col">Second</th>
                <th scope="col">Third</th>
              </tr>
            </thead>
            <tbody>
              {data.matrix.map((row) => (
                <tr key={row.kind}>
                  <th scope="row">{KINDS[row.kind]}</th>
                  {row.levels.map((level) => (
                    <td key={level.level}>
                      <p className="muted">{ROLES[level.role]}</p>
                      <p>{level.tells.join(", ") || <span className={classes.nobody}>nobody</span>}</p>
                      {level.gap !== null && <p className={classes.gap}>{level.gap}</p>}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Section>
  );
}
