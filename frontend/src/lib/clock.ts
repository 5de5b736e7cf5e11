/**
 * The server's clock. What the server dates is compared with it and not with this device's, which may be minutes off. Each
 * answer says the second in which it was given; between that and the times it was asked for and came, the clocks are known
 * to be so far apart. What is known already is kept while it fits, so that nothing shown jumps.
 */

/** Milliseconds by which the server's clock is ahead. */
let ahead = 0;

/** Learns from an answer; `sentAt`: when it was asked for, by this device's clock. */
export function learnClock(headers: Headers, sentAt: number, now = Date.now()): void {
  // What the browser may have kept is dated long ago.
  if (headers.get("Cache-Control")?.includes("max-age")) return;
  const second = Date.parse(headers.get("Date") ?? "");
  if (Number.isNaN(second)) return;
  ahead = Math.min(Math.max(ahead, second - now), second + 1000 - sentAt);
}

/** This time of the device's clock, by the server's. */
export const byServer = (at: number): number => at + ahead;

export const serverNow = (): number => byServer(Date.now());
