/**
 * Live jobs: one event stream per signed-in tab feeds all screens. What a tab has started itself is noted in
 * sessionStorage (job id and the newest event id then), so that after a reload the stream begins there and the
 * screen shows the whole story again.
 */
import { useSyncExternalStore } from "react";
import type { JobEvent, JobKind } from "@/api/types";
import { EventStream } from "./events";
import type { StreamState } from "./sse";

const KEPT_EVENTS = 600;
const NOTES_KEY = "fossawork-jobs";
const NOTE_AGE_MS = 30 * 60_000;

interface Note {
  jobId: string;
  kind: JobKind;
  /** What the job is about, e.g. the visit's number. */
  about: string;
  /** The newest event before it; null when none was known. */
  after: number | null;
  at: number;
}

type EventListener = (event: JobEvent) => void;

const events = new Map<string, JobEvent[]>();
const watchers = new Set<() => void>();
const listeners = new Set<EventListener>();
const NONE: JobEvent[] = [];
let stream: EventStream | null = null;
let streamState: StreamState = "closed";

function changed(): void {
  for (const watcher of watchers) watcher();
}

function readNotes(): Note[] {
  try {
    const notes = JSON.parse(sessionStorage.getItem(NOTES_KEY) ?? "[]") as Note[];
    return notes.filter((note) => Date.now() - note.at < NOTE_AGE_MS);
  } catch {
    return [];
  }
}

function writeNotes(notes: Note[]): void {
  try {
    sessionStorage.setItem(NOTES_KEY, JSON.stringify(notes));
  } catch {
    // Without storage a reload loses the sentences of a running job, never the job itself.
  }
}

export const isEnd = (event: JobEvent): boolean => event.type === "finished" || event.type === "failed";

function receive(event: JobEvent): void {
  events.set(event.job_id, [...(events.get(event.job_id) ?? NONE), event].slice(-KEPT_EVENTS));
  if (isEnd(event)) writeNotes(readNotes().filter((note) => note.jobId !== event.job_id));
  for (const listener of listeners) listener(event);
  changed();
}

export interface Connection {
  token: () => string | null;
  renew: () => Promise<boolean>;
  onGap: () => void;
}

/** Opens the stream of this tab; returns what closes it. */
export function openStream({ token, renew, onGap }: Connection): () => void {
  stream?.stop();
  const starts = readNotes().flatMap((note) => (note.after === null ? [] : [note.after]));
  const own = new EventStream({
    url: "/api/events",
    token,
    renew,
    after: starts.length > 0 ? Math.min(...starts) : null,
    onEvent: receive,
    onOpen: (gap) => {
      if (gap) onGap();
    },
    onState: (next) => {
      if (stream === own) {
        streamState = next;
        changed();
      }
    },
  });
  stream = own;
  own.run();
  return () => {
    own.stop();
    if (stream === own) {
      stream = null;
      streamState = "closed";
      events.clear();
      changed();
    }
  };
}

export function onJobEvent(listener: EventListener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Notes a job this tab has just started, for a reload. */
export function noteJob(kind: JobKind, jobId: string, about: string): void {
  const rest = readNotes().filter((note) => !(note.kind === kind && note.about === about));
  const first = events.get(jobId)?.[0]?.id;
  const after = first === undefined ? (stream?.lastId ?? null) : first - 1;
  writeNotes([...rest, { jobId, kind, about, after, at: Date.now() }]);
  changed();
}

export function forgetJob(jobId: string): void {
  writeNotes(readNotes().filter((note) => note.jobId !== jobId));
  changed();
}

export function notedJob(kind: JobKind, about: string): string | null {
  return readNotes().find((note) => note.kind === kind && note.about === about)?.jobId ?? null;
}

const subscribe = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

/** Everything heard of one job so far, oldest first. */
export function useJobEvents(jobId: string | null | undefined): JobEvent[] {
  return useSyncExternalStore(subscribe, () => (jobId ? (events.get(jobId) ?? NONE) : NONE));
}

export function useNotedJob(kind: JobKind, about: string): string | null {
  return useSyncExternalStore(subscribe, () => notedJob(kind, about));
}

export function useStreamState(): StreamState {
  return useSyncExternalStore(subscribe, () => streamState);
}

/** For tests. */
export const feedForTest = receive;
