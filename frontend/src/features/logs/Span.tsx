import { Select } from "@mantine/core";
import { useState } from "react";
import { WallField } from "@/components/WallField";
import { type LogSearch, USUAL_MINUTES } from "@/lib/logs";
import { useZone } from "@/lib/useUser";
import { instantOf, wallTime } from "@/lib/zoned";
import classes from "./LogsPage.module.css";
import { useDraft } from "./useDraft";

const SPANS = [
  { value: "15", label: "Last 15 min" },
  { value: "60", label: "Last hour" },
  { value: "360", label: "Last 6 h" },
  { value: "1440", label: "Last 24 h" },
  { value: "10080", label: "Last 7 days" },
  { value: "43200", label: "Last 30 days" },
  { value: "own", label: "From … to …" },
];

const DAY_MS = 86_400_000;

interface Props {
  search: LogSearch;
  onChange: (change: Pick<LogSearch, "minutes" | "since" | "until">) => void;
}

/** The time that is looked at: the last minutes or days, or from one time to another. */
export function Span({ search, onChange }: Props) {
  const given = search.since !== undefined || search.until !== undefined;
  // While both fields are empty the address says nothing: they stay, for one is about to fill them.
  const [kept, setKept] = useState(given);
  const own = given || (kept && search.minutes === undefined);
  if (own !== kept) setKept(own);
  const minutes = String(search.minutes ?? USUAL_MINUTES);
  const known = SPANS.some((span) => span.value === minutes);
  return (
    <>
      <Select
        aria-label="Time"
        allowDeselect={false}
        data={known ? SPANS : [{ value: minutes, label: `Last ${minutes} min` }, ...SPANS]}
        value={own ? "own" : minutes}
        onChange={(value) => {
          if (value === "own") {
            const since = new Date(Date.now() - DAY_MS).toISOString();
            onChange({ minutes: undefined, since, until: undefined });
          } else if (value !== null) {
            onChange({ minutes: Number(value), since: undefined, until: undefined });
          }
        }}
        className={classes.field}
      />
      {own && (
        <span className={classes.dates}>
          <Moment label="From" value={search.since} onChange={(since) => onChange({ since })} />
          <span aria-hidden>–</span>
          <Moment label="To" value={search.until} onChange={(until) => onChange({ until })} />
        </span>
      )}
    </>
  );
}

interface MomentProps {
  label: string;
  value: string | undefined;
  onChange: (instant: string | undefined) => void;
}

/** Years that a field passes through while one is typed (0002, 0020) are none that one could mean. */
const FIRST_YEAR = 2000;

/** One end of the time. An unfinished one is asked for only when one leaves the field. */
function Moment({ label, value, onChange }: MomentProps) {
  const zone = useZone();
  const draft = useDraft({
    value: value === undefined ? "" : wallTime(Date.parse(value), zone),
    read: (wall) =>
      Number.parseInt(wall, 10) >= FIRST_YEAR && instantOf(wall, zone) !== null ? wall : undefined,
    onAsk: (wall) => onChange(instantOf(wall, zone) ?? undefined),
    wait: 1000,
  });
  const leave = (field: HTMLInputElement) => (field.validity.badInput ? draft.refuse() : draft.settle());
  return (
    <WallField
      aria-label={label}
      zone={zone}
      value={draft.text}
      // Empty while a part of it is missing, too.
      onChange={(wall) => (wall === "" ? draft.hold(wall) : draft.type(wall))}
      onBlur={(event) => leave(event.currentTarget)}
      onKeyDown={(event) => event.key === "Enter" && leave(event.currentTarget)}
      error={draft.refused && `Not looked for: no whole day and time since ${FIRST_YEAR}`}
      classNames={{ root: classes.drafted, wrapper: classes.still, error: classes.refused }}
    />
  );
}
