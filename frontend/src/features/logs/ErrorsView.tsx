import { Skeleton } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { logSummaryQuery } from "@/api/operations";
import type { ErrorGroup, LogSummary } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { bytes, percent } from "@/lib/figures";
import { type LogSearch, ownMessage, requestOf, spanOf } from "@/lib/logs";
import { capital } from "@/lib/operations";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./LogsPage.module.css";
import { Unread } from "./Unread";

/** The errors of a time by what failed, the most frequent first; and how the logs themselves are. */
export default function ErrorsView({ search }: { search: LogSearch }) {
  const zone = useZone();
  const { data, error, refetch, isPlaceholderData } = useQuery(logSummaryQuery(search));
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <span className="visually-hidden">Counting the errors</span>
        <Skeleton height={420} radius={10} />
      </div>
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} />
    );
  }
  return (
    <div className={classes.stack} aria-busy={isPlaceholderData}>
      {error !== null && <ProblemPanel error={error} onRetry={() => refetch()} />}
      <Section
        title={count(data.errors, "error")}
        hint={`${instantText(data.since, zone)} – ${instantText(data.until, zone)}${data.complete ? "" : ", not everything could be looked at"}`}
      >
        <div className={classes.stack}>
          <Unread files={data.unread} />
          <Groups summary={data} search={search} />
        </div>
      </Section>
      <Space summary={data} />
    </div>
  );
}

function Groups({ summary, search }: { summary: LogSummary; search: LogSearch }) {
  if (summary.groups.length === 0) {
    return (
      <div className="card">
        <EmptyState
          compact
          level={3}
          icon={<IconCircleCheck />}
          title={summary.complete ? "Nothing broke in this time" : "No error was found so far"}
        >
          {summary.complete
            ? "No process and no browser wrote an error."
            : "Not everything could be looked at: this is not known to be good."}
        </EmptyState>
      </div>
    );
  }
  return (
    <ul className={classes.groups}>
      {summary.groups.map((group) => (
        <Group key={group.fingerprint} group={group} search={search} />
      ))}
    </ul>
  );
}

function Group({ group, search }: { group: ErrorGroup; search: LogSearch }) {
  const zone = useZone();
  const span = spanOf(search);
  return (
    <li className={classes.group}>
      <span className={classes.times}>{group.count.toLocaleString("en")}×</span>
      <div>
        <p className={classes.message}>
          <strong>{group.event}</strong>{" "}
          {[group.error_type, ownMessage(group.message, group.event)]
            .filter((part) => part !== "")
            .join(": ")}
        </p>
        <p className="muted">
          {group.category}, {group.component}
        </p>
        <p className={classes.links}>
          <Link
            to="/operations/logs"
            search={{ ...span, level: ["error", "critical"], event: group.event, component: group.component }}
          >
            All of them
          </Link>
          {group.request_id !== "" && group.request_id !== "-" && (
            <Link to="/operations/logs" search={requestOf(group.request_id, group.last_seen)}>
              The newest one's request
            </Link>
          )}
        </p>
      </div>
      <p className={classes.seen}>
        last {instantText(group.last_seen, zone, true)}
        <br />
        first {instantText(group.first_seen, zone, true)}
      </p>
    </li>
  );
}

function Space({ summary: { space, writing } }: { summary: LogSummary }) {
  const zone = useZone();
  return (
    <Section title="The logs themselves" hint="now">
      <dl className={classes.facts}>
        <div>
          <dt>Space</dt>
          <dd>
            {bytes(space.bytes)} of {bytes(space.quota_bytes)} ({percent(space.share, 1)})
          </dd>
        </div>
        {Object.entries(space.categories).map(([category, size]) => (
          <div key={category}>
            <dt>{capital(category)}</dt>
            <dd>{bytes(size)}</dd>
          </div>
        ))}
        <div>
          <dt>This server's lines</dt>
          <dd>
            {writing.last_line_at === null ? (
              <StatusDot tone="unknown">none was written since its start</StatusDot>
            ) : writing.dropped > 0 ? (
              <StatusDot tone="bad">
                {count(writing.dropped, "line")} could not be written, {count(writing.lines, "line")} were
              </StatusDot>
            ) : (
              <StatusDot tone="ok">
                {count(writing.lines, "line")} written, the last{" "}
                {instantText(writing.last_line_at, zone, true)}
              </StatusDot>
            )}
          </dd>
        </div>
      </dl>
    </Section>
  );
}
