import type { Fact } from "@/api/types";

export interface Piece {
  text: string;
  /** The fact these words stand for; null for the text between. */
  label: string | null;
}

interface Span {
  start: number;
  end: number;
  label: string;
}

function cut(letters: string[], spans: Span[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const push = (to: number, label: string | null): void => {
    if (to > at) pieces.push({ text: letters.slice(at, to).join(""), label });
    at = Math.max(at, to);
  };
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.start < at || span.end > letters.length) continue;
    push(span.start, null);
    push(span.end, span.label);
  }
  push(letters.length, null);
  return pieces;
}

/** The words of each fact, by its place in the full text. Places count characters, not UTF-16 units. */
const wordsOf = (full: string, facts: Fact[]): { words: string; label: string }[] => {
  const letters = Array.from(full);
  return facts.flatMap(({ start, end, label }) =>
    start !== null && end !== null && start < end && end <= letters.length
      ? [{ words: letters.slice(start, end).join(""), label }]
      : [],
  );
};

/** The full text cut at the facts' own places. */
export const highlightFull = (full: string, facts: Fact[]): Piece[] =>
  cut(
    Array.from(full),
    facts.flatMap(({ start, end, label }) =>
      start !== null && end !== null && start < end ? [{ start, end, label }] : [],
    ),
  );

/** A shortened text, in which the same words are looked for, since places no longer fit. */
export function highlightWords(text: string, full: string, facts: Fact[]): Piece[] {
  const letters = Array.from(text);
  const spans = wordsOf(full, facts).flatMap(({ words, label }) => {
    const unit = text.indexOf(words);
    if (unit < 0) return [];
    const start = Array.from(text.slice(0, unit)).length;
    return [{ start, end: start + Array.from(words).length, label }];
  });
  return cut(letters, spans);
}
