import { type KeyboardEvent, type TouchEvent, useEffect, useRef, useState } from "react";
import type { Day, VisitCard, Week } from "@/api/types";
import { dayDate, parseDate, WEEKDAYS, weekday } from "@/lib/time";
import { count } from "@/lib/words";
import classes from "./PhoneWeek.module.css";
import { VisitCardLink } from "./VisitCardLink";
import { cardId, columnsOf, emptyDayWords } from "./weekGrid";

interface Screen {
  key: string;
  day: Day | null;
  cards: VisitCard[];
}

const SWIPE = 56;

const screensOf = (weeks: Week[]): Screen[] => {
  const days = weeks.flatMap((week) =>
    columnsOf(week).map((day) => ({ key: day.date, day, cards: day.visits })),
  );
  const loose = weeks[0]?.unscheduled ?? [];
  return loose.length > 0 ? [...days, { key: "none", day: null, cards: loose }] : days;
};

const firstScreen = (screens: Screen[]): number => {
  const today = screens.findIndex(({ day }) => day?.is_today);
  const next = screens.findIndex(({ day, cards }) => day !== null && !day.is_past && cards.length > 0);
  return Math.max(0, today >= 0 ? today : next);
};

/** One day a screen: tabs above, a swipe leads to the neighbour. */
export function PhoneWeek({ weeks }: { weeks: Week[] }) {
  const screens = screensOf(weeks);
  const [chosen, setChosen] = useState<string | null>(null);
  const found = screens.findIndex((screen) => screen.key === chosen);
  const at = found >= 0 ? found : firstScreen(screens);
  const screen = screens[at];
  const tabs = useRef<HTMLDivElement>(null);
  const touch = useRef<{ x: number; y: number } | null>(null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the tab strip follows the chosen day
  useEffect(() => {
    const strip = tabs.current;
    const tab = strip?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (strip && tab) strip.scrollLeft = tab.offsetLeft - strip.clientWidth / 2 + tab.clientWidth / 2;
  }, [at]);

  if (screen === undefined) return null;

  const go = (to: number, focus = false): void => {
    const target = screens[Math.max(0, Math.min(screens.length - 1, to))];
    if (target === undefined) return;
    setChosen(target.key);
    if (focus) document.getElementById(`tab-${target.key}`)?.focus();
  };
  const onKey = (event: KeyboardEvent): void => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: screens.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to, true);
  };
  const onTouchStart = (event: TouchEvent): void => {
    const finger = event.touches[0];
    touch.current = event.touches.length === 1 && finger ? { x: finger.clientX, y: finger.clientY } : null;
  };
  const onTouchEnd = (event: TouchEvent): void => {
    const finger = event.changedTouches[0];
    if (touch.current === null || finger === undefined) return;
    const dx = finger.clientX - touch.current.x;
    const dy = finger.clientY - touch.current.y;
    if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) go(at + (dx < 0 ? 1 : -1));
  };

  return (
    <div className={classes.root}>
      <div className={classes.tabs} role="tablist" aria-label="Days" ref={tabs} onKeyDown={onKey}>
        {screens.map(({ key, day, cards }, index) => (
          <button
            key={key}
            id={`tab-${key}`}
            type="button"
            role="tab"
            aria-selected={index === at}
            aria-controls="day-panel"
            tabIndex={index === at ? 0 : -1}
            className={classes.tab}
            data-today={day?.is_today || undefined}
            data-first={
              (day !== null &&
                index > 0 &&
                weekday(day.date) < weekday(screens[index - 1]?.key ?? day.date)) ||
              undefined
            }
            onClick={() => go(index)}
          >
            <span className={classes.tabName}>{day === null ? "No" : WEEKDAYS[weekday(day.date) - 1]}</span>
            <span className={classes.tabDay}>{day === null ? "date" : parseDate(day.date).day}</span>
            <span className={classes.tabCount} data-none={cards.length === 0 || undefined} aria-hidden>
              {cards.length === 0 ? "·" : cards.length}
            </span>
            <span className="visually-hidden">, {count(cards.length, "visit")}</span>
          </button>
        ))}
      </div>
      <section
        id="day-panel"
        role="tabpanel"
        aria-labelledby={`tab-${screen.key}`}
        className={classes.panel}
        onTouchStart={onTouchStart}
        onTouchEnd={onTouchEnd}
      >
        <h2 className={classes.title}>
          {screen.day === null ? "Without a date" : dayDate(screen.day.date)}
          {screen.day?.is_today && <span className={classes.today}>today</span>}
        </h2>
        {screen.cards.length === 0 ? (
          <p className={classes.free}>{screen.day === null ? "" : emptyDayWords(screen.day)}</p>
        ) : (
          <ul className={classes.cards}>
            {screen.cards.map((card) => (
              <li key={cardId(card)}>
                <VisitCardLink card={card} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </div>
  );
}
