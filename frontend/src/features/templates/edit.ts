/** Editing reading templates, free of React. */

import type { Flow, Procedure, TemplateChange, TemplateReading } from "@/api/types";
import { errorAt } from "@/lib/problems";
import { FIGURES, type FigureKey } from "@/lib/readings";
import { list } from "@/lib/words";

export const TABLES = [
  {
    key: "metered",
    title: "Metered grades",
    text: "A grade with its own meter.",
  },
  {
    key: "blended",
    title: "Blended grades",
    text: "The first blended grade after a metered one.",
  },
  {
    key: "later_blends",
    title: "Blended after blended",
    text: "A blended grade that directly follows another blended one on its side.",
  },
] as const satisfies readonly { key: keyof TemplateChange; title: string; text: string }[];

export type TableKey = (typeof TABLES)[number]["key"];
export const MOST_READINGS = 12;

/** A reading as it is typed: figures are text, an empty one is left to the technician. */
export interface Row {
  /** Tells rows apart while they are moved. */
  id: number;
  procedure: Procedure;
  flow: Flow;
  figures: Record<FigureKey, string>;
}

export type Draft = Record<TableKey, Row[]>;

let next = 0;
const newId = (): number => {
  next += 1;
  return next;
};

const rowOf = (reading: TemplateReading): Row => ({
  id: newId(),
  procedure: reading.procedure,
  flow: reading.flow,
  figures: Object.fromEntries(FIGURES.map(({ key }) => [key, reading[key] ?? ""])) as Record<
    FigureKey,
    string
  >,
});

export const draftOf = (template: TemplateChange): Draft => ({
  metered: template.metered.map(rowOf),
  blended: template.blended.map(rowOf),
  later_blends: template.later_blends.map(rowOf),
});

const readingOf = ({ procedure, flow, figures }: Row): TemplateReading => ({
  procedure,
  flow,
  ...(Object.fromEntries(
    FIGURES.map(({ key }) => [key, figures[key].trim() === "" ? null : figures[key].trim()]),
  ) as Record<FigureKey, string | null>),
});

export const changeOf = (draft: Draft): TemplateChange => ({
  metered: draft.metered.map(readingOf),
  blended: draft.blended.map(readingOf),
  later_blends: draft.later_blends.map(readingOf),
});

export const isDirty = (draft: Draft, kept: TemplateChange): boolean =>
  JSON.stringify(changeOf(draft)) !== JSON.stringify(changeOf(draftOf(kept)));

const withTable = (draft: Draft, table: TableKey, rows: Row[]): Draft => ({ ...draft, [table]: rows });

/** A new last row: like the one before it, since most readings of a table are alike; figures are not copied. */
export function addRow(draft: Draft, table: TableKey, first: Procedure): Draft {
  const rows = draft[table];
  if (rows.length >= MOST_READINGS) return draft;
  const before = rows.at(-1);
  const figures = Object.fromEntries(FIGURES.map(({ key }) => [key, ""])) as Record<FigureKey, string>;
  return withTable(draft, table, [
    ...rows,
    { id: newId(), procedure: before?.procedure ?? first, flow: before?.flow ?? "fast", figures },
  ]);
}

export const removeRow = (draft: Draft, table: TableKey, id: number): Draft =>
  withTable(
    draft,
    table,
    draft[table].filter((row) => row.id !== id),
  );

export function moveRow(draft: Draft, table: TableKey, id: number, by: -1 | 1): Draft {
  const rows = [...draft[table]];
  const from = rows.findIndex((row) => row.id === id);
  const [one, other] = [rows[from], rows[from + by]];
  if (one === undefined || other === undefined) return draft;
  rows[from] = other;
  rows[from + by] = one;
  return withTable(draft, table, rows);
}

export const changeRow = (draft: Draft, table: TableKey, id: number, change: Partial<Row>): Draft =>
  withTable(
    draft,
    table,
    draft[table].map((row) => (row.id === id ? { ...row, ...change } : row)),
  );

/** What the server says about a row, once and in a person's words: of a figure it only knows the pattern. */
export function rowErrors(errors: Record<string, string>, row: string): string[] {
  const said = ["procedure", "flow"].flatMap((part) => errorAt(errors, `${row}.${part}`) ?? []);
  const wrong = FIGURES.filter(({ key }) => errorAt(errors, `${row}.${key}`) !== undefined);
  const names = wrong.map(({ label }) => label.replace(/\.$/, ""));
  if (names.length > 0) {
    said.push(`${list(names)}: a number such as 0, 3 or .0001, or nothing to leave it to yourself.`);
  }
  return said;
}
