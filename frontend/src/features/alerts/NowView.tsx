import { Skeleton } from "@mantine/core";
import { IconBellOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { boardQuery } from "@/api/operations";
import type { AlertBoard, AlertItem } from "@/api/types";
import { Ago } from "@/components/Ago";
import { AlertRow } from "@/components/AlertRow";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { isMuted } from "@/lib/alerts";
import { answerWords, PRIORITIES, priorityName } from "@/lib/operations";
import { useZone } from "@/lib/useUser";
import classes from "./AlertsPage.module.css";
import { Responses } from "./Responses";

/** What fires, by urgency; what may fire soon; what is silent and why. */
export function NowView() {
  const { data, error, refetch } = useQuery(boardQuery);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true" className={classes.root}>
        <span className="visually-hidden">Loading the alerts</span>
        <Skeleton height={160} radius={10} />
        <Skeleton height={160} radius={10} />
      </div>
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} />
    );
  }
  return <Board board={data} />;
}

function Board({ board }: { board: AlertBoard }) {
  const zone = useZone();
  const loud = board.firing.filter((alert) => !isMuted(alert));
  const muted = board.firing.filter(isMuted);
  return (
    <>
      {loud.length === 0 ? (
        <div className="card">
          <EmptyState compact icon={<IconBellOff />} title="No alert calls for anybody">
            {board.evaluated_at === null ? (
              "The rules have not been evaluated since the start: this is not known to be good."
            ) : (
              <>
                The rules were evaluated <Ago instant={board.evaluated_at} zone={zone} />.
              </>
            )}
          </EmptyState>
        </div>
      ) : (
        PRIORITIES.map((priority) => (
          <List
            key={priority}
            title={priorityName(priority)}
            hint={answerWords(priority, board.responses)}
            alerts={loud.filter((one) => one.priority === priority)}
          />
        ))
      )}
      <List
        title="Pending"
        hint="seen, but not long enough to count; nobody is called"
        alerts={board.pending}
      />
      <List
        title="Silent"
        hint="they fire, but nobody is called: silenced, or explained by another alert"
        alerts={muted}
      />
      <Responses figures={board.responses} />
    </>
  );
}

function List({ title, hint, alerts }: { title: string; hint: string; alerts: AlertItem[] }) {
  if (alerts.length === 0) return null;
  return (
    <Section title={title} hint={hint} card>
      <ul>
        {alerts.map((alert) => (
          <AlertRow key={alert.id} alert={alert} />
        ))}
      </ul>
    </Section>
  );
}
