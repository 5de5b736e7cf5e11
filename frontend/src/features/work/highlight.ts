import type { Fact } from "@/api/types";
import { cutText } from "@/lib/pieces";

export interface Piece {
  text: string;
  /** The fact these words stand for; null for the text between. */
  label: string | null;
}

interface Labelled {
  start: number;
  end: number;
  label: string;
}

const cut = (letters: string[], spans: Labelled[]): Piece[] =>
  cutText(
    letters,
    spans.map(({ start, end, label }) => ({ start, end, value: label })),
  ).map(({ text, value }) => ({ text, label: value }));

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
