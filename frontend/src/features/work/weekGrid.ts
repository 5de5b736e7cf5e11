/** What the week board decides, free of React: which days are columns, where the focus goes, what to say. */
import type { Day, VisitCard, Week } from "@/api/types";
import { addDays, weekday } from "@/lib/time";

export const cardId = (card: VisitCard): string => `${card.work_id}-${card.visit_id ?? "none"}`;

/** Work days, and any other day that has visits. */
export const columnsOf = (week: Week): Day[] =>
  week.days.filter((day) => day.is_work_day || day.visits.length > 0);

export const mondayOf = (date: string): string => addDays(date, 1 - weekday(date));

export const isDone = (card: VisitCard): boolean => card.completed_on !== null;

export const isComplete = (week: Week): boolean => {
  const cards = week.days.flatMap((day) => day.visits);
  return cards.length > 0 && cards.every(isDone);
};

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";
export const isArrow = (key: string): key is Arrow => /^Arrow(Up|Down|Left|Right)$/.test(key);

/** A board: rows (weeks) of columns (days) of card ids. */
export type Board = string[][][];

interface Place {
  row: number;
  column: number;
  index: number;
}

function find(board: Board, id: string): Place | null {
  for (const [row, columns] of board.entries()) {
    for (const [column, cards] of columns.entries()) {
      const index = cards.indexOf(id);
      if (index >= 0) return { row, column, index };
    }
  }
  return null;
}

/** The column of a row that has cards and stands nearest to `column`. */
function nearest(columns: string[][], column: number): string[] | undefined {
  return columns
    .map((cards, at) => ({ cards, far: Math.abs(at - column) }))
    .filter(({ cards }) => cards.length > 0)
    .sort((a, b) => a.far - b.far)[0]?.cards;
}

/**
 * The card an arrow key leads to; the same card at the board's edge. Left and right go on into the other week, up and
 * down leave a column towards the nearest day of the week above or below.
 */
export function moveFocus(board: Board, id: string, key: Arrow): string {
  const place = find(board, id);
  if (place === null) return id;
  const columns = board[place.row] ?? [];
  if (key === "ArrowUp" || key === "ArrowDown") {
    const step = key === "ArrowDown" ? 1 : -1;
    const within = columns[place.column]?.[place.index + step];
    if (within !== undefined) return within;
    for (let row = place.row + step; board[row] !== undefined; row += step) {
      const cards = nearest(board[row] ?? [], place.column);
      if (cards !== undefined) return (step > 0 ? cards[0] : cards.at(-1)) ?? id;
    }
    return id;
  }
  const filled = board.flat().filter((cards) => cards.length > 0);
  const at = filled.findIndex((cards) => cards.includes(id));
  const target = filled[at + (key === "ArrowRight" ? 1 : -1)];
  return target?.[Math.min(place.index, target.length - 1)] ?? id;
}

/** Where the focus enters the board: today's first card, else the first from today on, else the first at all. */
export function entryCard(weeks: Week[]): string | null {
  const days = weeks.flatMap((week) => week.days).filter((day) => day.visits.length > 0);
  const day = days.find((one) => one.is_today) ?? days.find((one) => !one.is_past) ?? days[0];
  const card = day?.visits[0] ?? weeks[0]?.unscheduled[0];
  return card === undefined ? null : cardId(card);
}

/** Why another week than the calendar's is shown; null when there is nothing to explain. */
export function rollOverWords(week: Week): string | null {
  switch (week.reason) {
    case "week_over":
      return "This week is over – showing next week.";
    case "day_off":
      return "Today is not a work day – showing next week.";
    case "nothing_left":
      return "Nothing is left to do this week – showing next week.";
    default:
      return null;
  }
}

/** What an empty day says. */
export const emptyDayWords = (day: Day): string =>
  day.is_past ? "–" : day.is_work_day ? "Free day" : "Day off";
