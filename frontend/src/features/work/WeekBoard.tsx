import { type CSSProperties, type KeyboardEvent, useId } from "react";
import type { Day, Week } from "@/api/types";
import { dayOnly, WEEKDAY_NAMES, weekday } from "@/lib/time";
import { VisitCardLink } from "./VisitCardLink";
import classes from "./WeekBoard.module.css";
import { type Board, cardId, columnsOf, emptyDayWords, isArrow, moveFocus } from "./weekGrid";

/** The cards as rows (weeks) of columns (days), for the arrow keys. Unscheduled work is the last row. */
export function boardOf(weeks: Week[]): Board {
  const rows = weeks.map((week) => columnsOf(week).map((day) => day.visits.map(cardId)));
  const loose = weeks[0]?.unscheduled.map((card) => [cardId(card)]) ?? [];
  return loose.length > 0 ? [...rows, loose] : rows;
}

export function focusCard(id: string): void {
  document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`)?.focus();
}

export function onBoardKey(board: Board) {
  return (event: KeyboardEvent<HTMLElement>): void => {
    if (!isArrow(event.key) || event.metaKey || event.ctrlKey || event.altKey) return;
    const current = (event.target as HTMLElement).closest<HTMLElement>("[data-card]")?.dataset.card;
    if (current === undefined) return;
    event.preventDefault();
    focusCard(moveFocus(board, current, event.key));
  };
}

function DayColumn({ day }: { day: Day }) {
  const id = useId();
  const known = day.visits.reduce((sum, card) => sum + (card.dispensers ?? 0), 0);
  return (
    <section
      className={classes.day}
      aria-labelledby={id}
      data-today={day.is_today || undefined}
      data-past={day.is_past || undefined}
    >
      <header className={classes.dayHead}>
        <h3 id={id} className={classes.dayName}>
          <abbr title={WEEKDAY_NAMES[weekday(day.date) - 1]} className={classes.abbr}>
            {dayOnly(day.date)}
          </abbr>
          {day.is_today && <span className={classes.today}>today</span>}
        </h3>
        {known > 0 && (
          <span className={classes.sum} title={`${known} dispensers on this day`}>
            {known}
          </span>
        )}
      </header>
      {day.visits.length === 0 ? (
        <p className={classes.free}>{emptyDayWords(day)}</p>
      ) : (
        <ul className={classes.cards}>
          {day.visits.map((card) => (
            <li key={cardId(card)}>
              <VisitCardLink card={card} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

export function WeekBoard({ week }: { week: Week }) {
  const columns = columnsOf(week);
  return (
    <div className={classes.board} style={{ "--columns": columns.length } as CSSProperties}>
      {columns.map((day) => (
        <DayColumn key={day.date} day={day} />
      ))}
    </div>
  );
}
