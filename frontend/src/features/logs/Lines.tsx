import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useId, useState } from "react";
import type { LogLine } from "@/api/types";
import { CopyText } from "@/components/CopyText";
import { lineWords, requestOf } from "@/lib/logs";
import { instantText, stampText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./Lines.module.css";

/** What tells lines apart: they have no number of their own. */
const keyOf = (line: LogLine): string =>
  `${line.ts} ${line.pid} ${line.component} ${line.event} ${line.request_id} ${line.message}`;

/** Lines of the logs, one under the other; each opens to everything that it holds. */
export function Lines({ lines }: { lines: LogLine[] }) {
  const met = new Map<string, number>();
  return (
    <ul className={classes.list}>
      {lines.map((line) => {
        const key = keyOf(line);
        const times = met.get(key) ?? 0;
        met.set(key, times + 1);
        return <Line key={`${key} ${times}`} line={line} />;
      })}
    </ul>
  );
}

function Line({ line }: { line: LogLine }) {
  const zone = useZone();
  const id = useId();
  const [open, setOpen] = useState(false);
  const Icon = open ? IconChevronDown : IconChevronRight;
  return (
    <li className={classes.item} data-level={line.level}>
      <button
        type="button"
        className={classes.line}
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
      >
        <Icon size={14} className={classes.chevron} aria-hidden />
        <time dateTime={line.ts} className={classes.at}>
          {stampText(line.ts, zone)}
        </time>
        <span className={classes.level}>{line.level}</span>
        <span className={classes.place}>{line.component}</span>
        <span className={classes.what}>
          <span className={classes.event}>{line.event}</span> {lineWords(line)}
          {line.error !== null && (
            <span className={classes.error}>
              {" "}
              {line.error.type}: {line.error.message}
            </span>
          )}
        </span>
      </button>
      {open && (
        <div id={id} className={classes.open}>
          <Whole line={line} zone={zone} />
        </div>
      )}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const shown = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value, null, 2) ?? "");

function Whole({ line, zone }: { line: LogLine; zone: string }) {
  const request = line.request_id !== "" && line.request_id !== "-" ? line.request_id : null;
  const route = [line.method, line.route].filter((part) => part !== null).join(" ");
  return (
    <>
      <dl className={classes.facts}>
        <Fact name="Written">{instantText(line.ts, zone, true)}</Fact>
        <Fact name="Where">
          {line.category}, {line.component}
          {line.host !== null && `, ${line.host}`}
          {line.pid !== null && `, process ${line.pid}`}
          {line.version !== null && `, version ${line.version}`}
        </Fact>
        {route !== "" && (
          <Fact name="Request">
            <span className="mono">{route}</span>
            {line.status !== null && `, answered ${line.status}`}
            {line.duration_ms !== null && ` in ${line.duration_ms} ms`}
          </Fact>
        )}
        {request !== null && (
          <Fact name="Request id">
            <CopyText label="Request id" text={request} nameless />{" "}
            <Link to="/operations/logs" search={requestOf(request, line.ts)} className={classes.go}>
              Everything of this request
            </Link>
          </Fact>
        )}
        {line.user_id !== null && <Fact name="User">{line.user_id}</Fact>}
        {line.session_id !== null && <Fact name="Session">{line.session_id}</Fact>}
        {line.ip !== null && <Fact name="Address">{line.ip}</Fact>}
        {Object.entries(line.data ?? {}).map(([name, value]) => (
          <Fact key={name} name={name}>
            <span className="mono">{shown(value)}</span>
          </Fact>
        ))}
      </dl>
      {line.error?.stack && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1 wants scrolling by keyboard
        <pre className={classes.stack} tabIndex={0}>
          {line.error.stack}
        </pre>
      )}
      <CopyText label="Copy the line" text={JSON.stringify(line)} shown="" />
    </>
  );
}
