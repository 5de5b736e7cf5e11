/**
 * What waits to be reported. Entries are kept in the browser's storage until the server has taken them, so that a tab that
 * is closed, a server that is away or a phone without network loses the last thousand at most of nothing. They are sent in
 * order, by one tab at a time; one that is sent twice, because its answer got lost, is known by its session and number.
 */
import type { LogEntry } from "@/api/types";

export type Outcome = "taken" | "refused" | { later: number };
export type Post = (entries: LogEntry[]) => Promise<Outcome>;

const KEY = "fossawork-logs";
const KEPT = 1000;
const AT_ONCE = 100;
/** Of the server's 64 KiB; characters may take several bytes. */
const BYTES_AT_ONCE = 60_000;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 60_000;

const encoder = new TextEncoder();

/** The first entries that may be sent together. */
export function firstBatch(entries: LogEntry[]): LogEntry[] {
  let bytes = 0;
  const batch: LogEntry[] = [];
  for (const entry of entries.slice(0, AT_ONCE)) {
    bytes += encoder.encode(JSON.stringify(entry)).length + 1;
    if (bytes > BYTES_AT_ONCE && batch.length > 0) break;
    batch.push(entry);
  }
  return batch;
}

async function oneTab(work: () => Promise<void>): Promise<void> {
  if (typeof navigator !== "undefined" && "locks" in navigator) {
    // Another tab that is at it sends what this one has parked as well.
    await navigator.locks.request(KEY, { ifAvailable: true }, (lock) => (lock === null ? undefined : work()));
    return;
  }
  await work();
}

export class LogQueue {
  private readonly post: Post;
  private readonly now: () => number;
  private fresh: LogEntry[] = [];
  /** Where there is no storage. */
  private memory: LogEntry[] = [];
  private sending: Promise<void> | null = null;
  private wait = 0;
  private notBefore = 0;

  constructor(post: Post, now: () => number = Date.now) {
    this.post = post;
    this.now = now;
  }

  add(entry: LogEntry): void {
    this.fresh.push(entry);
    if (this.fresh.length > KEPT) this.fresh.shift();
    if (this.fresh.length >= AT_ONCE / 2) this.flush();
  }

  /** Sends what waits, older entries first; does nothing while it is too early to try again. */
  flush(): Promise<void> {
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  /** The network is back: no reason to wait any longer. */
  retryNow(): Promise<void> {
    this.notBefore = 0;
    return this.flush();
  }

  /** The page goes away: what can still be handed to the browser is sent, the rest is kept for the next page. */
  leave(handOver: (entries: LogEntry[]) => boolean): void {
    const waiting = this.fresh;
    this.fresh = [];
    const batch = this.notBefore > this.now() ? [] : firstBatch(waiting);
    const sent = batch.length > 0 && handOver(batch) ? batch.length : 0;
    this.park(waiting.slice(sent));
  }

  /** Keeps entries for later, behind what is kept already. */
  park(entries: LogEntry[]): void {
    if (entries.length > 0) this.write([...this.read(), ...entries]);
  }

  /** Drops whatever waits. */
  forget(): void {
    this.fresh = [];
    this.write([]);
  }

  private async send(): Promise<void> {
    if (this.now() < this.notBefore) return;
    this.park(this.fresh.splice(0));
    await oneTab(async () => {
      for (let waiting = this.read(); waiting.length > 0; waiting = this.read()) {
        const batch = firstBatch(waiting);
        const outcome = await this.post(batch);
        if (typeof outcome === "object") {
          this.wait = Math.min(LONGEST_WAIT_MS, Math.max(FIRST_WAIT_MS, 2 * this.wait));
          this.notBefore = this.now() + Math.max(outcome.later, this.wait);
          return;
        }
        this.wait = 0;
        this.remove(batch);
      }
    });
  }

  /** Other tabs may have added some meanwhile, or dropped the oldest. */
  private remove(sent: LogEntry[]): void {
    const known = new Set(sent.map(({ session_id, number }) => `${session_id} ${number}`));
    this.write(this.read().filter(({ session_id, number }) => !known.has(`${session_id} ${number}`)));
  }

  private read(): LogEntry[] {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
      return [...(Array.isArray(kept) ? (kept as LogEntry[]) : []), ...this.memory];
    } catch {
      return this.memory;
    }
  }

  private write(entries: LogEntry[]): void {
    const kept = entries.slice(-KEPT);
    try {
      if (kept.length > 0) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
      this.memory = [];
    } catch {
      this.memory = kept;
    }
  }
}
