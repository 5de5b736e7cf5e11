import { Skeleton } from "@mantine/core";
import { IconBook2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Navigate } from "@tanstack/react-router";
import { runbooksQuery } from "@/api/operations";
import { EmptyState } from "@/components/EmptyState";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { count } from "@/lib/words";
import classes from "./Runbooks.module.css";

/** What there is to read when something is broken. An only runbook is opened at once. */
export function RunbooksPage() {
  const { data, error, refetch } = useQuery(runbooksQuery);
  const only = data?.length === 1 ? data[0] : undefined;
  if (only !== undefined) {
    return <Navigate to="/operations/runbooks/$name" params={{ name: only.name }} replace />;
  }
  return (
    <div className={classes.root}>
      <PageHead title="Runbooks" coverage={data !== undefined && count(data.length, "runbook")} />
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the runbooks</span>
            <Skeleton height={180} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} />
        )
      ) : data.length === 0 ? (
        <div className="card">
          <EmptyState compact icon={<IconBook2 />} title="There is no runbook">
            Runbooks are Markdown files in docs/operations/runbooks of the installation. What lies there is
            shown here.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.list}>
          {data.map(({ name, title }) => (
            <li key={name}>
              <Link to="/operations/runbooks/$name" params={{ name }}>
                {title}
              </Link>
              <span className="muted mono">{name}.md</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
