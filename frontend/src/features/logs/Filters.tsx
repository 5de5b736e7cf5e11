import { Button, Chip, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { WallField } from "@/components/WallField";
import {
  CATEGORIES,
  isFiltered,
  LEVELS,
  type LogCategory,
  type LogLevel,
  type LogSearch,
  USUAL_MINUTES,
} from "@/lib/logs";
import { capital } from "@/lib/operations";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./LogsPage.module.css";

const SPANS = [
  { value: "15", label: "Last 15 min" },
  { value: "60", label: "Last hour" },
  { value: "360", label: "Last 6 h" },
  { value: "1440", label: "Last 24 h" },
  { value: "10080", label: "Last 7 days" },
  { value: "43200", label: "Last 30 days" },
  { value: "own", label: "From … to …" },
];

/** Narrows what is looked at. Everything stands in the address, so that a find can be passed on. */
export function Filters({ search }: { search: LogSearch }) {
  const navigate = useNavigate();
  // On phones the rarer ones are folded away, unless one of them is in force.
  const [more, setMore] = useState(() =>
    [search.category, search.component, search.event, search.request].some((one) => one !== undefined),
  );
  const go = (change: Partial<LogSearch>) => {
    const next = { ...search, ...change };
    const kept = Object.entries(next).filter(
      ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0),
    );
    navigate({
      to: "/operations/logs",
      search: Object.fromEntries(kept) as LogSearch,
      replace: true,
      resetScroll: false,
    });
  };
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
        label="Text"
        placeholder="Text in message, data or error"
        value={search.text ?? ""}
        onChange={(text) => go({ text })}
        icon
        className={classes.text}
      />
      {search.view === undefined && <Span search={search} onChange={go} />}
      <Chip.Group
        multiple
        value={search.level ?? []}
        onChange={(level) => go({ level: level as LogLevel[] })}
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
          onChange={(value) => go({ category: value === null ? [] : [value as LogCategory] })}
          className={classes.field}
        />
        <Words
          label="Component"
          placeholder="Component"
          value={search.component ?? ""}
          onChange={(component) => go({ component: component.toLowerCase() })}
          className={classes.field}
        />
        <Words
          label="Event"
          placeholder="Event"
          value={search.event ?? ""}
          onChange={(event) => go({ event: event.toLowerCase() })}
          className={classes.field}
        />
        <Words
          label="Request id"
          placeholder="Request id"
          value={search.request ?? ""}
          onChange={(request) => go({ request })}
          className={classes.field}
        />
      </div>
      {isFiltered(search) && (
        <Button
          variant="subtle"
          size="xs"
          leftSection={<IconX size={14} aria-hidden />}
          onClick={() => go({ level: [], category: [], component: "", event: "", text: "", request: "" })}
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
  value: string;
  onChange: (value: string) => void;
  icon?: boolean;
  className?: string | undefined;
}

/** A field that is asked for when one has stopped typing, and follows the address when that changes. */
function Words({ label, placeholder, value, onChange, icon = false, className }: WordsProps) {
  const [text, setText] = useState(value);
  const ask = useDebouncedCallback((next: string) => onChange(next.trim()), 350);
  useEffect(() => setText(value), [value]);
  return (
    <TextInput
      aria-label={label}
      placeholder={placeholder}
      leftSection={icon ? <IconSearch size={15} /> : undefined}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
      className={className}
    />
  );
}

function Span({ search, onChange }: { search: LogSearch; onChange: (change: Partial<LogSearch>) => void }) {
  const zone = useZone();
  const own = search.since !== undefined || search.until !== undefined;
  const minutes = String(search.minutes ?? USUAL_MINUTES);
  const known = SPANS.some((span) => span.value === minutes);
  const wall = (instant: string | undefined): string =>
    instant === undefined ? "" : wallTime(Date.parse(instant), zone);
  return (
    <>
      <Select
        aria-label="Time"
        allowDeselect={false}
        data={known ? SPANS : [{ value: minutes, label: `Last ${minutes} min` }, ...SPANS]}
        value={own ? "own" : minutes}
        onChange={(value) => {
          if (value === "own") {
            const since = new Date(Date.now() - 3_600_000 * 24).toISOString();
            onChange({ minutes: undefined, since, until: undefined });
          } else if (value !== null) {
            onChange({ minutes: Number(value), since: undefined, until: undefined });
          }
        }}
        className={classes.field}
      />
      {own && (
        <span className={classes.dates}>
          <WallField
            aria-label="From"
            zone={zone}
            value={wall(search.since)}
            onChange={(value) => onChange({ since: instantOf(value, zone) ?? undefined })}
          />
          <span aria-hidden>–</span>
          <WallField
            aria-label="To"
            zone={zone}
            value={wall(search.until)}
            onChange={(value) => onChange({ until: instantOf(value, zone) ?? undefined })}
          />
        </span>
      )}
    </>
  );
}
