import { Button, Chip, Group, Skeleton, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconDownload, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useExportBatches } from "@/api/mutations";
import { type BatchFilters, batchHistoryQuery } from "@/api/queries";
import type { BatchState } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import classes from "./BatchesPage.module.css";
import { HistoryItem } from "./HistoryItem";

const STATES: { value: BatchState; label: string }[] = [
  { value: "finished", label: "Finished" },
  { value: "stopped", label: "Stopped" },
  { value: "failed", label: "Ended early" },
];

/** What is over, newest first, by state, days and words. */
export function History() {
  const [states, setStates] = useState<string[]>([]);
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [search, setSearch] = useState("");
  const [words] = useDebouncedValue(search, 250);
  const filters: BatchFilters = {
    states: states as BatchState[],
    since: since === "" ? null : since,
    until: until === "" ? null : until,
    search: words,
  };
  const history = useInfiniteQuery(batchHistoryQuery(filters));
  const save = useExportBatches();
  const batches = history.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = states.length > 0 || since !== "" || until !== "" || words.trim() !== "";
  const clear = () => {
    setStates([]);
    setSince("");
    setUntil("");
    setSearch("");
  };
  return (
    <section aria-labelledby="history">
      <div className={classes.head}>
        <h2 id="history" className={classes.title}>
          History
        </h2>
        <Button
          className={classes.new}
          variant="default"
          size="xs"
          leftSection={<IconDownload size={15} aria-hidden />}
          loading={save.isPending}
          disabled={batches.length === 0}
          onClick={() => save.mutate(filters)}
        >
          Export CSV
        </Button>
      </div>
      <search className={classes.filters}>
        <TextInput
          aria-label="Search store or visit"
          placeholder="Store or visit"
          leftSection={<IconSearch size={15} aria-hidden />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          className={classes.search}
        />
        <Chip.Group multiple value={states} onChange={setStates}>
          <Group gap="0.375rem" role="group" aria-label="State">
            {STATES.map(({ value, label }) => (
              <Chip key={value} value={value} size="sm" radius="md">
                {label}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <span className={classes.dates}>
          <TextInput
            type="date"
            aria-label="From day"
            value={since}
            max={until === "" ? undefined : until}
            onChange={(event) => setSince(event.currentTarget.value)}
          />
          <span aria-hidden>–</span>
          <TextInput
            type="date"
            aria-label="To day"
            value={until}
            min={since === "" ? undefined : since}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </span>
      </search>
      {save.error !== null && (
        <ProblemPanel error={save.error} level={3} title="The file could not be made" />
      )}
      {history.data === undefined ? (
        history.error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the history</span>
            <Skeleton height={220} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={history.error} onRetry={() => history.refetch()} level={3} />
        )
      ) : batches.length === 0 ? (
        <div className="card">
          <EmptyState
            compact
            level={3}
            title={filtered ? "Nothing fits these filters" : "No forms were prepared yet"}
            action={
              filtered ? (
                <Button size="xs" variant="default" onClick={clear}>
                  Clear the filters
                </Button>
              ) : undefined
            }
          >
            {filtered
              ? "Try fewer filters, or another word."
              : "Each batch is kept here with what came of every visit."}
          </EmptyState>
        </div>
      ) : (
        <>
          <ul className={classes.list} aria-busy={history.isPlaceholderData}>
            {batches.map((batch) => (
              <HistoryItem key={batch.id} batch={batch} />
            ))}
          </ul>
          {history.hasNextPage && (
            <div className={classes.more}>
              <Button
                variant="default"
                loading={history.isFetchingNextPage}
                onClick={() => history.fetchNextPage()}
              >
                Load more
              </Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}
