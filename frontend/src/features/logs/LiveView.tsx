import { Button } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import type { LogLine } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { auth, refresh } from "@/lib/auth";
import { KEPT_LINES, type LogSearch, tailUrl, withNewLines } from "@/lib/logs";
import { followLogs } from "@/lib/logTail";
import type { Tone } from "@/lib/operations";
import type { ApiProblem } from "@/lib/problems";
import type { StreamState } from "@/lib/sse";
import { count } from "@/lib/words";
import { Lines } from "./Lines";
import classes from "./LogsPage.module.css";

const STATES: Record<StreamState, { tone: Tone; words: string }> = {
  connecting: { tone: "busy", words: "connecting" },
  open: { tone: "ok", words: "following" },
  waiting: { tone: "warn", words: "line lost, trying again" },
  closed: { tone: "idle", words: "not following" },
};

interface Missing {
  lines: number;
  breaks: number;
}

/** What is written now. Paused, the list stands still, and what comes meanwhile waits. */
export default function LiveView({ search }: { search: LogSearch }) {
  const [lines, setLines] = useState<LogLine[]>([]);
  const [waiting, setWaiting] = useState<LogLine[]>([]);
  const [missing, setMissing] = useState<Missing>({ lines: 0, breaks: 0 });
  const [state, setState] = useState<StreamState>("connecting");
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [paused, setPaused] = useState(false);
  const still = useRef(paused);
  still.current = paused;
  const [url] = useState(() => tailUrl(search));

  useEffect(() => {
    const stop = new AbortController();
    followLogs({
      url,
      token: auth.token,
      renew: () => refresh().catch(() => true),
      onLines: (fresh) => (still.current ? setWaiting : setLines)((kept) => withNewLines(kept, fresh)),
      onMissed: (missed) =>
        setMissing((known) =>
          missed === null
            ? { ...known, breaks: known.breaks + 1 }
            : { ...known, lines: known.lines + missed },
        ),
      onState: setState,
      onRefused: setProblem,
      signal: stop.signal,
    });
    return () => stop.abort();
  }, [url]);

  const go = () => {
    setLines((kept) => [...waiting, ...kept].slice(0, KEPT_LINES));
    setWaiting([]);
    setPaused(false);
  };
  const { tone, words } = STATES[state];
  return (
    <section aria-label="Live">
      <div className={classes.bar}>
        {paused ? (
          <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} onClick={go}>
            Go on{waiting.length > 0 && ` (${count(waiting.length, "new line")})`}
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            onClick={() => setPaused(true)}
          >
            Pause
          </Button>
        )}
        <StatusDot tone={paused ? "warn" : tone}>{paused ? "paused, new lines wait" : words}</StatusDot>
        <span className="muted">
          {count(lines.length, "line")}, newest first
          {lines.length === KEPT_LINES && "; older ones are in the search"}
        </span>
        <span className={classes.missed} role="status">
          {missing.lines > 0 && `${count(missing.lines, "line")} came too fast and are left out. `}
          {missing.breaks > 0 &&
            `The line broke ${missing.breaks === 1 ? "once" : `${missing.breaks} times`}: what was written then is in the search only.`}
        </span>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTrash size={15} aria-hidden />}
          disabled={lines.length === 0}
          onClick={() => setLines([])}
        >
          Clear the list
        </Button>
      </div>
      {problem !== null && state !== "open" && <ProblemPanel error={problem} level={2} />}
      {lines.length === 0 ? (
        <div className="card">
          <EmptyState compact title="Nothing was written since">
            New lines that fit the filters come here as they are written.
          </EmptyState>
        </div>
      ) : (
        <Lines lines={lines} />
      )}
    </section>
  );
}
