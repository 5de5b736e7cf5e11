import { Button, SegmentedControl, Skeleton } from "@mantine/core";
import { IconArrowsExchange, IconCalendarRepeat } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useRemoveOverride, useRemoveRota } from "@/api/onCallWrites";
import { calendarQuery } from "@/api/operations";
import type { OnCallCalendar, OnCallOverride, OnCallRota, OnCallShift } from "@/api/types";
import { useNow } from "@/components/Ago";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { lasting } from "@/lib/figures";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { instantText } from "@/lib/time";
import { useMaybeUser, useZone } from "@/lib/useUser";
import { list } from "@/lib/words";
import { joined } from "./duty";
import classes from "./OnCallPage.module.css";

const OverrideDialog = lazy(() => import("./OverrideDialog"));
const RotaDialog = lazy(() => import("./RotaDialog"));

/** The shifts of the next weeks, with the spans in which nobody is on call named loudly. */
export function Coming() {
  const admin = useMaybeUser()?.role === "admin";
  const [weeks, setWeeks] = useState("4");
  const [asks, setAsks] = useState<"override" | "rota" | null>(null);
  const calendar = useQuery(calendarQuery(Number(weeks)));
  const { data, error, refetch } = calendar;
  return (
    <Section
      title="Shifts"
      hint={`next ${weeks} weeks`}
      of={calendar}
      action={
        <>
          <SegmentedControl
            size="xs"
            aria-label="How many weeks"
            value={weeks}
            onChange={setWeeks}
            data={["2", "4", "12"].map((value) => ({ value, label: `${value} weeks` }))}
          />
          {admin && (
            <>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconArrowsExchange size={15} aria-hidden />}
                onClick={() => setAsks("override")}
              >
                Somebody else
              </Button>
              <Button
                size="xs"
                variant="default"
                leftSection={<IconCalendarRepeat size={15} aria-hidden />}
                onClick={() => setAsks("rota")}
              >
                New rota
              </Button>
            </>
          )}
        </>
      }
    >
      {error !== null && <ProblemPanel error={error} onRetry={() => refetch()} level={3} />}
      {data === undefined ? (
        error === null && (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the shifts</span>
            <Skeleton height={240} radius={10} />
          </div>
        )
      ) : (
        <div className={classes.stack}>
          <Gaps calendar={data} />
          <div className={classes.lanes}>
            <Lane title="On call" shifts={data.shifts.filter((shift) => shift.level === "primary")} />
            <Lane title="Second" shifts={data.shifts.filter((shift) => shift.level === "secondary")} />
          </div>
          <Overrides overrides={data.overrides} admin={admin} />
          <Rotas rotas={data.rotas} admin={admin} />
        </div>
      )}
      <Suspense fallback={null}>
        {asks === "override" && <OverrideDialog onClose={() => setAsks(null)} />}
        {asks === "rota" && <RotaDialog onClose={() => setAsks(null)} />}
      </Suspense>
    </Section>
  );
}

function Gaps({ calendar }: { calendar: OnCallCalendar }) {
  const zone = useZone();
  if (calendar.gaps.length === 0) return null;
  return (
    <ul className={classes.gaps}>
      {calendar.gaps.map((gap) => (
        <li key={gap.starts_at}>
          <strong>Nobody is on call</strong> from {instantText(gap.starts_at, zone)} until{" "}
          {instantText(gap.ends_at, zone)}, for{" "}
          {lasting((Date.parse(gap.ends_at) - Date.parse(gap.starts_at)) / 1000)}.
        </li>
      ))}
    </ul>
  );
}

function Lane({ title, shifts }: { title: string; shifts: OnCallShift[] }) {
  const zone = useZone();
  const now = useNow();
  return (
    <section className={classes.lane} aria-label={title}>
      <h3 className={classes.laneTitle}>{title}</h3>
      <ol>
        {joined(shifts).map((shift) => (
          <li
            key={shift.starts_at}
            className={classes.shift}
            data-nobody={shift.contact === null || undefined}
            data-now={(Date.parse(shift.starts_at) <= now && now < Date.parse(shift.ends_at)) || undefined}
          >
            <span className={classes.who}>
              {shift.contact?.name ?? "Nobody"}
              {shift.override_id !== null && <span className={classes.swapped}> agreed</span>}
            </span>
            <span className={classes.span}>
              {instantText(shift.starts_at, zone)} – {instantText(shift.ends_at, zone)}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Overrides({ overrides, admin }: { overrides: OnCallOverride[]; admin: boolean }) {
  if (overrides.length === 0) return null;
  return (
    <section className={classes.lane} aria-label="Agreed differently">
      <h3 className={classes.laneTitle}>Agreed differently</h3>
      <ul>
        {overrides.map((override) => (
          <Override key={override.id} override={override} admin={admin} />
        ))}
      </ul>
    </section>
  );
}

function Override({ override, admin }: { override: OnCallOverride; admin: boolean }) {
  const zone = useZone();
  const remove = useRemoveOverride(override.id);
  return (
    <li className={classes.agreed} data-nobody={override.contact === null || undefined}>
      <span className={classes.who}>
        {override.contact?.name ?? "Nobody yet"}
        <span className="muted">
          {" "}
          {override.kind}, {override.level}
          {override.note !== "" && `, ${override.note}`}
        </span>
      </span>
      <span className={classes.span}>
        {instantText(override.starts_at, zone)} – {instantText(override.ends_at, zone)}
      </span>
      {admin && (
        <Button
          size="compact-xs"
          variant="default"
          loading={remove.isPending}
          aria-label={`Take back: ${override.contact?.name ?? "nobody"}, ${instantText(override.starts_at, zone)}`}
          onClick={() =>
            remove.mutate(undefined, {
              onSuccess: () => notifyDone("Taken back. The rota counts again."),
              onError: notifyProblem,
            })
          }
        >
          Take back
        </Button>
      )}
    </li>
  );
}

function Rotas({ rotas, admin }: { rotas: OnCallRota[]; admin: boolean }) {
  if (rotas.length === 0) return null;
  return (
    <section className={classes.lane} aria-label="Rotas">
      <h3 className={classes.laneTitle}>Rotas</h3>
      <ul>
        {rotas.map((rota) => (
          <Rota key={rota.id} rota={rota} admin={admin} />
        ))}
      </ul>
    </section>
  );
}

function Rota({ rota, admin }: { rota: OnCallRota; admin: boolean }) {
  const zone = useZone();
  const now = useNow();
  const remove = useRemoveRota(rota.id);
  const begun = Date.parse(rota.starts_at) <= now;
  return (
    <li className={classes.agreed}>
      <span className={classes.who}>
        {list(rota.primary.map((one) => one.name))}
        <span className="muted">
          {" "}
          in turn, a week each, handed over at {rota.at} ({rota.zone})
          {rota.secondary.length > 0 && `; second: ${list(rota.secondary.map((one) => one.name))}`}
        </span>
      </span>
      <span className={classes.span}>
        {begun ? "since" : "from"} {instantText(rota.starts_at, zone)}
      </span>
      {admin && !begun && (
        <Button
          size="compact-xs"
          variant="default"
          loading={remove.isPending}
          onClick={() =>
            remove.mutate(undefined, {
              onSuccess: () => notifyDone("The rota will not begin."),
              onError: notifyProblem,
            })
          }
        >
          Take back
        </Button>
      )}
    </li>
  );
}
