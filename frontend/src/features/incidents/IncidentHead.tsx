import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload, IconMail, IconPencil } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useSavePostMortem } from "@/api/operationsWrites";
import type { Incident, IncidentStatus } from "@/api/types";
import { useNow } from "@/components/Ago";
import { PriorityMark } from "@/components/PriorityMark";
import { StatusDot } from "@/components/StatusDot";
import { lasting } from "@/lib/figures";
import { notifyProblem } from "@/lib/notify";
import { INCIDENT_STATUS, isIncidentOver, KINDS } from "@/lib/operations";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { list } from "@/lib/words";
import classes from "./IncidentHead.module.css";
import { figureLines, MOVES, STEPS, usualNext } from "./incident";
import { Stepper } from "./Stepper";

const MoveDialog = lazy(() => import("./MoveDialog"));
const MessageDialog = lazy(() => import("./MessageDialog"));
const EditDialog = lazy(() => import("./EditDialog"));

type Asks = { move: IncidentStatus } | "message" | "edit" | null;

/** What it is, how far it has come, how fast, and what can be done next. */
export function IncidentHead({ incident }: { incident: Incident }) {
  const [asks, setAsks] = useState<Asks>(null);
  const save = useSavePostMortem(incident.id);
  const close = () => setAsks(null);
  const over = isIncidentOver(incident.status);
  return (
    <section className={classes.root} aria-label="Incident">
      <div className={classes.head}>
        <div className={classes.name}>
          <h2 className={classes.title}>
            <PriorityMark priority={incident.priority} />
            <span>{incident.title}</span>
          </h2>
          <About incident={incident} />
        </div>
        <div className={classes.buttons}>
          <MoveOn next={incident.next_statuses} onMove={(move) => setAsks({ move })} />
          <Button
            variant="default"
            leftSection={<IconMail size={16} aria-hidden />}
            onClick={() => setAsks("message")}
          >
            Message
          </Button>
          {!over && (
            <Button
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
              onClick={() => setAsks("edit")}
            >
              Edit
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            loading={save.isPending}
            onClick={() => save.mutate(undefined, { onError: notifyProblem })}
          >
            Post-mortem
          </Button>
        </div>
      </div>
      <Stepper incident={incident} />
      <Figures incident={incident} />
      <Suspense fallback={null}>
        {asks === "message" && <MessageDialog incident={incident} onClose={close} />}
        {asks === "edit" && <EditDialog incident={incident} onClose={close} />}
        {asks !== null && typeof asks === "object" && (
          <MoveDialog incident={incident} to={asks.move} onClose={close} />
        )}
      </Suspense>
    </section>
  );
}

function About({ incident }: { incident: Incident }) {
  const zone = useZone();
  const now = useNow();
  const parts = [
    KINDS[incident.kind],
    incident.commander === null ? "nobody in charge" : `${incident.commander} in charge`,
    incident.services.length > 0 ? list(incident.services) : null,
    `opened by ${incident.opened_by}`,
  ].filter((part) => part !== null);
  const next = incident.next_update_at;
  const late = next !== null && Date.parse(next) < now;
  return (
    <>
      <p className="muted">{parts.join(" · ")}</p>
      {incident.merged_into !== null && (
        <p>
          Merged into{" "}
          <Link to="/operations/incidents/$incidentId" params={{ incidentId: incident.merged_into }}>
            {incident.merged_into}
          </Link>
        </p>
      )}
      {next !== null && (
        <p className={late ? classes.late : "muted"}>
          {late
            ? `The next update was due ${lasting((now - Date.parse(next)) / 1000)} ago.`
            : `Next update by ${instantText(next, zone)}.`}
        </p>
      )}
      {incident.review_due_at !== null &&
        incident.reviewed_at === null &&
        !isIncidentOver(incident.status) && (
          <p className={Date.parse(incident.review_due_at) < now ? classes.late : "muted"}>
            Review due by {instantText(incident.review_due_at, zone)}.
          </p>
        )}
    </>
  );
}

function MoveOn({ next, onMove }: { next: IncidentStatus[]; onMove: (status: IncidentStatus) => void }) {
  const usual = usualNext(next);
  if (next.length === 0) return null;
  const others = next.filter((status) => status !== usual);
  const [steps, ends] = [
    others.filter((status) => STEPS.includes(status)),
    others.filter((status) => !STEPS.includes(status)),
  ];
  return (
    <Button.Group>
      {usual !== null && <Button onClick={() => onMove(usual)}>{MOVES[usual]}</Button>}
      {others.length > 0 && (
        <Menu position="bottom-end" width={220}>
          <Menu.Target>
            <Button
              aria-label="Other states"
              variant={usual === null ? "default" : "filled"}
              className={classes.split}
              px="0.5rem"
            >
              <IconChevronDown size={16} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {steps.map((status) => (
              <Menu.Item key={status} onClick={() => onMove(status)}>
                {MOVES[status]}
              </Menu.Item>
            ))}
            {steps.length > 0 && ends.length > 0 && <Menu.Divider />}
            {ends.map((status) => (
              <Menu.Item key={status} onClick={() => onMove(status)}>
                {MOVES[status]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </Button.Group>
  );
}

function Figures({ incident }: { incident: Incident }) {
  const now = useNow(1);
  return (
    <dl className={classes.figures}>
      <div>
        <dt>State</dt>
        <dd>
          <StatusDot tone={INCIDENT_STATUS[incident.status].tone}>
            {INCIDENT_STATUS[incident.status].words}
          </StatusDot>
        </dd>
      </div>
      {figureLines(incident, now).map((line) => (
        <div key={line.name} data-tone={line.tone}>
          <dt>{line.name}</dt>
          <dd>
            {line.words}
            {line.aim !== "" && (
              <span className={classes.aim}>
                {line.tone === "bad" ? "missed: " : line.tone === "ok" ? "met: " : ""}
                {line.aim}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
