import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useLocation } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { runbookQuery, runbooksQuery } from "@/api/operations";
import type { Runbook } from "@/api/types";
import { BackLink } from "@/components/BackLink";
import { Markdown, readMarkdown } from "@/components/Markdown";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { headingAt } from "@/lib/headings";
import { Contents } from "./Contents";
import classes from "./Runbooks.module.css";

const route = getRouteApi("/app/operations/runbooks/$name");
/** The shell's own place in the address: "Skip to content". */
const SKIPPED_TO = "main";

/** One runbook, opened at the section that the address names. */
export function RunbookPage() {
  const { name } = route.useParams();
  const { data, error, refetch } = useQuery(runbookQuery(name));
  const { data: all } = useQuery(runbooksQuery);
  // An only runbook would be opened by its list at once.
  const hasList = error !== null || (all !== undefined && all.length > 1);
  return (
    <div className={classes.root}>
      <PageHead
        title={data?.title ?? name}
        back={hasList && <BackLink to="/operations/runbooks" label="Back to the runbooks" />}
        coverage={data !== undefined && `${name}.md`}
      />
      {data !== undefined ? (
        <Opened key={name} runbook={data} />
      ) : error === null ? (
        <Loading />
      ) : (
        <ProblemPanel error={error} onRetry={() => refetch()} />
      )}
    </div>
  );
}

function Loading() {
  return (
    <div className={classes.columns} aria-busy="true">
      <span className="visually-hidden">Loading the runbook</span>
      <Skeleton height={640} radius={10} />
    </div>
  );
}

function Opened({ runbook }: { runbook: Runbook }) {
  const document_ = useMemo(() => readMarkdown(runbook.text), [runbook.text]);
  const hash = useLocation({ select: (location) => location.hash });
  const section = headingAt(document_.headings, hash)?.id;
  useEffect(() => {
    if (section === undefined) return;
    const heading = document.getElementById(section);
    heading?.focus({ preventScroll: true });
    heading?.scrollIntoView();
  }, [section]);
  const lost = hash !== "" && hash !== SKIPPED_TO && section === undefined;
  return (
    <div className={classes.columns}>
      <Contents headings={document_.headings} name={runbook.name} section={section} />
      <article className={classes.text}>
        {lost && (
          <p className={classes.lost} role="status">
            This runbook has no section <span className="mono">{hash}</span>. All of it is below.
          </p>
        )}
        <Markdown of={document_} here={runbook.name} section={section} level={2} />
      </article>
    </div>
  );
}
