import { Button, Skeleton } from "@mantine/core";
import { IconListSearch, IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { logsQuery } from "@/api/operations";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { isFiltered, type LogSearch } from "@/lib/logs";
import { count } from "@/lib/words";
import { Lines } from "./Lines";
import classes from "./LogsPage.module.css";
import { Unread } from "./Unread";

/** Lines that fit, the newest first; and what of the logs could not be looked at. */
export function SearchView({ search }: { search: LogSearch }) {
  const logs = useInfiniteQuery(logsQuery(search));
  const pages = logs.data?.pages ?? [];
  const lines = pages.flatMap((page) => page.items);
  const last = pages.at(-1);
  const malformed = pages.reduce((sum, page) => sum + page.malformed, 0);
  const more = last?.next_cursor !== null && last !== undefined;
  return (
    <Section
      title="Lines"
      hint={
        last === undefined
          ? undefined
          : `${more ? "the newest " : ""}${count(lines.length, "line")}${malformed > 0 ? `, ${count(malformed, "line")} not readable` : ""}`
      }
      action={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={15} aria-hidden />}
          loading={logs.isRefetching}
          onClick={() => logs.refetch()}
        >
          Search again
        </Button>
      }
    >
      {logs.error !== null && (
        <ProblemPanel error={logs.error} level={3} onRetry={() => logs.refetch()} retryLabel="Search again" />
      )}
      {last === undefined ? (
        logs.error === null && (
          <div aria-busy="true">
            <span className="visually-hidden">Searching the logs</span>
            <Skeleton height={480} radius={10} />
          </div>
        )
      ) : (
        <div className={classes.stack}>
          <Unread files={pages.flatMap((page) => page.unread)} />
          {lines.length === 0 ? (
            <div className="card">
              <EmptyState
                compact
                level={3}
                icon={<IconListSearch />}
                title={more ? "Nothing found so far" : "No line fits"}
              >
                {more
                  ? "The time for one look was over. Older lines were not looked at yet."
                  : isFiltered(search)
                    ? "Try fewer filters, or a longer time."
                    : "Nothing was written in this time. Choose a longer one."}
              </EmptyState>
            </div>
          ) : (
            <Lines lines={lines} />
          )}
          {more && (
            <div className={classes.more}>
              <Button
                variant="default"
                loading={logs.isFetchingNextPage}
                onClick={() => logs.fetchNextPage()}
              >
                {last.out_of_time ? "Go on looking" : "Older lines"}
              </Button>
            </div>
          )}
        </div>
      )}
    </Section>
  );
}
