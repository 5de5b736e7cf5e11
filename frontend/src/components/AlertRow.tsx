import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { rulesQuery } from "@/api/operations";
import type { AlertItem } from "@/api/types";
import { calledWords, firingFor, isMuted, mutedWords } from "@/lib/alerts";
import { lasting } from "@/lib/figures";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { Acknowledge } from "./Acknowledge";
import { useNow } from "./Ago";
import { AlertClock } from "./AlertClock";
import classes from "./AlertRow.module.css";
import { PriorityMark } from "./PriorityMark";

interface Props {
  alert: AlertItem;
}

/** An alert that is not over: how urgent, what, where, for how long, who looks after it. */
export function AlertRow({ alert }: Props) {
  const muted = isMuted(alert);
  const title = useRef<HTMLAnchorElement>(null);
  return (
    <li className={classes.row} data-priority={alert.priority} data-muted={muted || undefined}>
      <PriorityMark priority={alert.priority} />
      <div>
        <p className={classes.line}>
          <Link
            ref={title}
            to="/operations/alerts"
            search={{ alert: alert.id }}
            resetScroll={false}
            className={classes.title}
          >
            {alert.title}
          </Link>
          <span className={classes.component}>{alert.component}</span>
        </p>
        <p className={classes.words}>{alert.words}</p>
      </div>
      <Since alert={alert} />
      <div className={classes.who}>
        {muted ? (
          <Muted alert={alert} />
        ) : (
          <>
            <AlertClock alert={alert} />
            <span className={classes.owner}>
              {alert.acknowledged_by !== null
                ? `by ${alert.acknowledged_by}`
                : alert.phase === "firing"
                  ? calledWords(alert)
                  : "not counted yet"}
            </span>
          </>
        )}
      </div>
      <div className={classes.act}>
        <Acknowledge alert={alert} title={title} />
      </div>
    </li>
  );
}

function Muted({ alert }: { alert: AlertItem }) {
  const { data: rules } = useQuery(rulesQuery);
  return <span className={classes.muted}>{mutedWords(alert, rules)}</span>;
}

function Since({ alert }: { alert: AlertItem }) {
  const zone = useZone();
  const now = useNow(1);
  const since = alert.fired_at ?? alert.pending_at;
  return (
    <time
      className={classes.since}
      dateTime={since}
      title={`${alert.fired_at === null ? "First seen" : "Fired"} ${instantText(since, zone, true)}`}
    >
      <span className="visually-hidden">for </span>
      {lasting(firingFor(alert, now))}
    </time>
  );
}
