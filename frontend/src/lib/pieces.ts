/** Text cut at marked places. Places count characters, not UTF-16 units. */
export interface Span<T> {
  start: number;
  end: number;
  value: T;
}

export interface Cut<T> {
  text: string;
  /** What these words stand for; null for the text between. */
  value: T | null;
}

/** The text in pieces; of spans that overlap the first counts, of those that begin together the longest. */
export function cutText<T>(letters: string[], spans: Span<T>[]): Cut<T>[] {
  const pieces: Cut<T>[] = [];
  let at = 0;
  const push = (to: number, value: T | null): void => {
    if (to > at) pieces.push({ text: letters.slice(at, to).join(""), value });
    at = Math.max(at, to);
  };
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.start < at || span.end > letters.length) continue;
    push(span.start, null);
    push(span.end, span.value);
  }
  push(letters.length, null);
  return pieces;
}
