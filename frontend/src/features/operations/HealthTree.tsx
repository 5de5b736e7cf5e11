import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "@/api/operations";
import type { ComponentView, Health } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { HEALTH } from "@/lib/operations";
import classes from "./HealthTree.module.css";
import { backupPart, healthGroups, partName } from "./health";

/** Every part and how it is, with the server's own words. */
export function HealthTree() {
  const health = useQuery(healthQuery);
  const { data, error, refetch } = health;
  return (
    <Section title="Health" of={health} hint={data === undefined ? undefined : `version ${data.version}`}>
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Checking every part</span>
            <Skeleton height="23rem" radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : (
        <Tree health={data} />
      )}
    </Section>
  );
}

function Tree({ health }: { health: Health }) {
  const parts = health.components;
  const mute = parts.length > 0 && parts.every((part) => part.words === null);
  return (
    <div className={classes.card}>
      {mute && (
        <p className={classes.note}>
          The server could not tell who asks, so it names states only. Sign-in may be what is broken.
        </p>
      )}
      {healthGroups(parts.filter((part) => part !== backupPart(parts))).map((group) => (
        <div key={group.id}>
          <h3 className={classes.title}>{group.title}</h3>
          <ul>
            {group.parts.map((part) => (
              <Part key={part.name} part={part} />
            ))}
          </ul>
        </div>
      ))}
      <div>
        <h3 className={classes.title}>Backups</h3>
        <Backups part={backupPart(parts)} />
      </div>
    </div>
  );
}

function Part({ part }: { part: ComponentView }) {
  const { tone, words } = HEALTH[part.status];
  return (
    <li className={classes.part}>
      <StatusDot tone={tone}>
        {partName(part.name)}
        <span className="visually-hidden">: {words}</span>
      </StatusDot>
      <span className={classes.words} data-tone={tone}>
        {part.status === "ok" || part.words === null ? "" : `${words}: `}
        {part.words ?? words}
        {part.critical && part.status !== "ok" && " Nothing works without it."}
      </span>
    </li>
  );
}

function Backups({ part }: { part: ComponentView | null }) {
  if (part !== null)
    return (
      <ul>
        <Part part={part} />
      </ul>
    );
  return (
    <ul>
      <li className={classes.part}>
        <StatusDot tone="unknown">No backup</StatusDot>
        <span className={classes.words}>
          Backups are not part of this version. Copy the home folder yourself while the server is stopped.
        </span>
      </li>
    </ul>
  );
}
