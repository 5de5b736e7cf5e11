import { Button } from "@mantine/core";
import { IconBellOff, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, type RefObject, Suspense, useState } from "react";
import { rulesQuery } from "@/api/operations";
import type { AlertDetail } from "@/api/types";
import { Acknowledge } from "@/components/Acknowledge";
import { useNow } from "@/components/Ago";
import { AlertClock } from "@/components/AlertClock";
import { RunbookLink } from "@/components/RunbookLink";
import { StatusDot } from "@/components/StatusDot";
import { firingFor, isMuted, mutedWords } from "@/lib/alerts";
import { inUnit, lasting } from "@/lib/figures";
import { capital, KINDS, PHASES, plain, roleName, type Tone } from "@/lib/operations";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { list } from "@/lib/words";
import classes from "./AlertDrawer.module.css";
import { eventWords, evidenceOf } from "./words";

const ResolveDialog = lazy(() => import("./ResolveDialog"));
const SilenceDialog = lazy(() => import("./SilenceDialog"));

const TONES: Record<AlertDetail["phase"], Tone> = {
  pending: "idle",
  firing: "bad",
  acknowledged: "warn",
  resolved: "ok",
};

interface Props {
  alert: AlertDetail;
  /** Its heading. */
  title: RefObject<HTMLElement | null>;
}

/** Everything about one alert: how it stands, what to do, what it rests on, what happened, who was called. */
export function AlertDetails({ alert, title }: Props) {
  const [asks, setAsks] = useState<"resolve" | "silence" | null>(null);
  const open = alert.phase === "firing" || alert.phase === "acknowledged";
  return (
    <div className={classes.root}>
      <p className={classes.words}>{alert.words}</p>
      <Standing alert={alert} />
      {open && (
        <div className={classes.actions}>
          <Acknowledge alert={alert} title={title} size="sm" />
          <Button
            variant="default"
            leftSection={<IconCheck size={16} aria-hidden />}
            onClick={() => setAsks("resolve")}
          >
            Resolve
          </Button>
          <Button
            variant="default"
            leftSection={<IconBellOff size={16} aria-hidden />}
            onClick={() => setAsks("silence")}
          >
            Silence
          </Button>
        </div>
      )}
      <Block title="What to do">
        <p className={classes.whatToDo}>{alert.what_to_do || "The rule of this alert no longer exists."}</p>
        {alert.runbook !== "" && <RunbookLink path={alert.runbook} />}
      </Block>
      <Called alert={alert} />
      <Evidence alert={alert} />
      <Story alert={alert} />
      <Suspense fallback={null}>
        {asks === "resolve" && <ResolveDialog alert={alert} onClose={() => setAsks(null)} />}
        {asks === "silence" && (
          <SilenceDialog rule={alert.rule} component={alert.component} onClose={() => setAsks(null)} />
        )}
      </Suspense>
    </div>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.block}>
      <h4 className={classes.blockTitle}>{title}</h4>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Standing({ alert }: { alert: AlertDetail }) {
  const zone = useZone();
  const now = useNow(1);
  const { data: rules } = useQuery(rulesQuery);
  const since = alert.fired_at ?? alert.pending_at;
  return (
    <dl className={classes.facts}>
      <Fact name="State">
        <StatusDot tone={TONES[alert.phase]}>{PHASES[alert.phase]}</StatusDot>{" "}
        <span className="muted">
          for {lasting(firingFor(alert, now))}, since {instantText(since, zone, true)}
        </span>
      </Fact>
      <Fact name="Answer">
        <AlertClock alert={alert} />
        {alert.acknowledged_by !== null && <span className="muted"> by {alert.acknowledged_by}</span>}
        {alert.fired_at === null && <span className="muted">not asked for yet</span>}
      </Fact>
      {alert.value !== null && alert.unit !== "" && (
        <Fact name="Last value">{inUnit(alert.value, alert.unit)}</Fact>
      )}
      <Fact name="Kind">{KINDS[alert.kind]}</Fact>
      {isMuted(alert) && <Fact name="Silent">{mutedWords(alert, rules)}</Fact>}
      {alert.resolved_at !== null && (
        <Fact name="Over">
          {instantText(alert.resolved_at, zone, true)}
          <span className="muted"> by {alert.resolved_by}</span>
        </Fact>
      )}
      {alert.flaps > 0 && <Fact name="Came back">{alert.flaps === 1 ? "once" : `${alert.flaps} times`}</Fact>}
      {alert.incident_id !== null && (
        <Fact name="Incident">
          <Link to="/operations/incidents/$incidentId" params={{ incidentId: alert.incident_id }}>
            {alert.incident_id}
          </Link>
        </Fact>
      )}
    </dl>
  );
}

function Called({ alert }: { alert: AlertDetail }) {
  const zone = useZone();
  return (
    <Block title="Who was called">
      {alert.calls.length === 0 ? (
        <p className="muted">Nobody{alert.phase === "resolved" ? "." : " yet."}</p>
      ) : (
        <ol className={classes.levels}>
          {alert.calls.map((call) => (
            <li key={call.at + call.level}>
              <span>
                Level {call.level}
                {call.role !== null && `, ${roleName(call.role)}`}
                {call.reminder && ", once more"}
                {call.told !== null && <Told names={call.told} />}
              </span>
              <time dateTime={call.at} className="muted">
                {instantText(call.at, zone, true)}
              </time>
              {call.gap !== null && <span className={classes.text}>{call.gap}</span>}
            </li>
          ))}
        </ol>
      )}
    </Block>
  );
}

const Told = ({ names }: { names: string[] }) => (
  <span className="muted">: {names.length > 0 ? list(names) : "nobody could be reached"}</span>
);

const shown = (value: unknown): string =>
  typeof value === "number"
    ? String(Math.round(value * 10_000) / 10_000)
    : typeof value === "string" || typeof value === "boolean"
      ? String(value)
      : JSON.stringify(value, null, 1);

const isInstant = (value: unknown): value is string =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value));

function Evidence({ alert }: { alert: AlertDetail }) {
  const zone = useZone();
  const found = evidenceOf(alert.evidence);
  return (
    <Block title="What it rests on">
      {found.length === 0 ? (
        <p className="muted">Nothing more than the words above.</p>
      ) : (
        <dl className={classes.facts}>
          {found.map(([name, value]) => (
            <Fact key={name} name={name === "at" ? "Measured" : capital(plain(name))}>
              {isInstant(value) ? (
                instantText(value, zone, true)
              ) : (
                <span className="mono">{shown(value)}</span>
              )}
            </Fact>
          ))}
        </dl>
      )}
    </Block>
  );
}

function Story({ alert }: { alert: AlertDetail }) {
  const zone = useZone();
  return (
    <Block title="What happened">
      <ol className={classes.story}>
        {alert.events.map((event) => (
          <li key={`${event.at} ${event.what}`}>
            <time dateTime={event.at} className={classes.at}>
              {instantText(event.at, zone, true)}
            </time>
            <span>
              <strong>{eventWords(event.what)}</strong>
              <span className="muted"> by {event.by}</span>
              {event.text !== "" && <span className={classes.text}>{event.text}</span>}
            </span>
          </li>
        ))}
      </ol>
    </Block>
  );
}
