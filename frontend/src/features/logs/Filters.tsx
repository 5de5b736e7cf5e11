import { Button, Chip, Group, Select, TextInput } from "@mantine/core";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  CATEGORIES,
  isFiltered,
  LEVELS,
  type LogCategory,
  type LogLevel,
  type LogSearch,
  logSearch,
  WORDS,
} from "@/lib/logs";
import { capital } from "@/lib/operations";
import classes from "./LogsPage.module.css";
import { Span } from "./Span";
import { useDraft } from "./useDraft";

const CODE_RULE = "letters, digits, “_” and single dots";

const NO_FILTERS: Partial<LogSearch> = {
  level: undefined,
  category: undefined,
  component: undefined,
  event: undefined,
  text: undefined,
  request: undefined,
};

/** Narrows what is looked at. Everything stands in the address, so that a find can be passed on. */
export function Filters({ search }: { search: LogSearch }) {
  const navigate = useNavigate();
  // On phones the rarer ones are folded away, unless one of them is in force.
  const [more, setMore] = useState(() =>
    [search.category, search.component, search.event, search.request].some((one) => one !== undefined),
  );
  // Fields begin anew when the filters are cleared, with what is typed and was not asked for yet.
  const [cleared, setCleared] = useState(0);
  const go = (change: Partial<LogSearch>) =>
    navigate({
      to: "/operations/logs",
      search: (known) => ({ ...logSearch(known), ...change }),
      replace: true,
      resetScroll: false,
    });
  if (search.view === "errors") {
    return (
      <search className={classes.filters}>
        <Span search={search} onChange={go} />
      </search>
    );
  }
  return (
    <search className={classes.filters}>
      <Words
        key={`text ${cleared}`}
        label="Text"
        placeholder="Text in message, data or error"
        value={search.text}
        read={WORDS.text}
        onChange={(text) => go({ text })}
        icon
        className={classes.text}
      />
      {search.view === undefined && <Span search={search} onChange={go} />}
      <Chip.Group
        multiple
        value={search.level ?? []}
        onChange={(level) => go({ level: level.length === 0 ? undefined : (level as LogLevel[]) })}
      >
        <Group gap="0.375rem" role="group" aria-label="Level">
          {LEVELS.map((level) => (
            <Chip key={level} value={level} size="sm" radius="md">
              {capital(level)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <Button
        className={classes.unfold}
        size="xs"
        variant="default"
        aria-expanded={more}
        onClick={() => setMore(!more)}
      >
        {more ? "Fewer filters" : "More filters"}
      </Button>
      <div className={classes.extra} data-open={more || undefined}>
        <Select
          aria-label="Category"
          placeholder="All categories"
          clearable
          data={CATEGORIES.map((one) => ({ value: one, label: capital(one) }))}
          value={search.category?.[0] ?? null}
          onChange={(value) => go({ category: value === null ? undefined : [value as LogCategory] })}
          className={classes.field}
        />
        <Words
          key={`component ${cleared}`}
          label="Component"
          placeholder="Component"
          value={search.component}
          read={(typed) => WORDS.component(typed.toLowerCase())}
          rule={CODE_RULE}
          onChange={(component) => go({ component })}
          className={classes.field}
        />
        <Words
          key={`event ${cleared}`}
          label="Event"
          placeholder="Event"
          value={search.event}
          read={(typed) => WORDS.event(typed.toLowerCase())}
          rule={CODE_RULE}
          onChange={(event) => go({ event })}
          className={classes.field}
        />
        <Words
          key={`request ${cleared}`}
          label="Request id"
          placeholder="Request id"
          value={search.request}
          read={WORDS.request}
          rule="letters, digits, “.”, “_” and “-”"
          onChange={(request) => go({ request })}
          className={classes.field}
        />
      </div>
      {isFiltered(search) && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconX size={14} aria-hidden />}
          onClick={() => {
            setCleared(cleared + 1);
            go(NO_FILTERS);
          }}
        >
          Clear the filters
        </Button>
      )}
    </search>
  );
}

interface WordsProps {
  label: string;
  placeholder: string;
  value: string | undefined;
  read: (typed: string) => string | undefined;
  /** What it may be made of; without it anything can be looked for. */
  rule?: string;
  onChange: (found: string | undefined) => void;
  icon?: boolean;
  className?: string | undefined;
}

/** A field that is asked for when one has stopped typing, and follows the address when that changes. */
function Words({
  label,
  placeholder,
  value = "",
  read,
  rule,
  onChange,
  icon = false,
  className,
}: WordsProps) {
  const draft = useDraft({ value, read, onAsk: (found) => onChange(found || undefined), wait: 350 });
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      leftSection={icon ? <IconSearch size={15} /> : undefined}
      value={draft.text}
      onChange={(event) => draft.type(event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Enter" && draft.settle()}
      error={draft.refused && `Not looked for: ${rule} only`}
      className={className}
      classNames={{ root: classes.drafted, wrapper: classes.still, error: classes.refused }}
    />
  );
}
