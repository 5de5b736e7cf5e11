/** Choosing and ordering the visits of a new batch, free of React. */
import type { VisitCard, Week } from "@/api/types";
import { addDays, dayDate, weekday } from "@/lib/time";

export type Wish = "today" | "week" | "next" | "choose";

export interface Candidate {
  visitId: number;
  date: string;
  card: VisitCard;
  /** Why it is not chosen by itself; null when it is. */
  left: string | null;
  /** What a person will have to decide. */
  note: string | null;
}

export interface DayGroup {
  date: string;
  isToday: boolean;
  visits: Candidate[];
}

/** The calendar day at an instant in a time zone. */
export const todayIn = (timeZone: string, now = Date.now()): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    now,
  );

export const mondayOf = (date: string): string => addDays(date, 1 - weekday(date));

function leftWhy(card: VisitCard, date: string, today: string): string | null {
  if (card.completed_on !== null) return "completed";
  if (card.missing) return "not in the portal's newest list";
  const { forms } = card;
  if (forms !== null && forms.wanted !== null && forms.verified >= forms.wanted) {
    return forms.wanted === 0 ? "no forms needed" : "forms ready";
  }
  return date < today ? "day is over" : null;
}

function noteOf(card: VisitCard): string | null {
  const person = card.forms?.needs_person ?? 0;
  if (person > 0) return `${person} ${person === 1 ? "form needs" : "forms need"} you`;
  if (card.dispensers === null) return "its dispensers are not known yet";
  const fact = card.facts.find(
    ({ kind }) => kind === "specific_dispensers" || kind === "day_of" || kind === "post_construction",
  );
  return fact === undefined ? null : `${fact.label}: its plan may ask you`;
}

/** The visits of some weeks, day by day; days without any are left out. */
export const dayGroups = (weeks: Week[], today: string): DayGroup[] =>
  weeks
    .flatMap((week) => week.days)
    .map(({ date, visits }) => ({
      date,
      isToday: date === today,
      visits: visits.flatMap((card) =>
        card.visit_id === null
          ? []
          : [
              {
                visitId: card.visit_id,
                date,
                card,
                left: leftWhy(card, date, today),
                note: noteOf(card),
              },
            ],
      ),
    }))
    .filter((group) => group.visits.length > 0);

const allOf = (groups: DayGroup[]): Candidate[] => groups.flatMap((group) => group.visits);

/** What a wish chooses by itself, in the order of the days. */
export function chosenBy(wish: Wish, groups: DayGroup[], today: string): number[] {
  const monday = mondayOf(today);
  const [from, to] = {
    today: [today, today],
    week: [monday, addDays(monday, 6)],
    next: [addDays(monday, 7), addDays(monday, 13)],
    choose: ["9999-12-31", "9999-12-31"],
  }[wish] as [string, string];
  return allOf(groups)
    .filter(({ date, left }) => date >= from && date <= to && left === null)
    .map(({ visitId }) => visitId);
}

/** Adds visits: in the order of the days as long as nobody has changed that order, at the end otherwise. */
export function add(order: number[], ids: number[], groups: DayGroup[]): number[] {
  const all = allOf(groups).map(({ visitId }) => visitId);
  const sorted = (list: number[]): number[] => [...list].sort((a, b) => all.indexOf(a) - all.indexOf(b));
  const fresh = ids.filter((id) => !order.includes(id));
  const untouched = sorted(order).join() === order.join();
  return untouched ? sorted([...order, ...fresh]) : [...order, ...fresh];
}

export const remove = (order: number[], ids: number[]): number[] => order.filter((id) => !ids.includes(id));

/** One visit moved by some places; it stops at the ends. */
export function move(order: number[], id: number, by: number): number[] {
  const from = order.indexOf(id);
  if (from < 0) return order;
  const to = Math.max(0, Math.min(order.length - 1, from + by));
  const rest = remove(order, [id]);
  return [...rest.slice(0, to), id, ...rest.slice(to)];
}

/** A name for what was chosen; null lets the server count the visits. */
export function nameOf(wish: Wish, order: number[], groups: DayGroup[], today: string): string | null {
  const own = chosenBy(wish, groups, today);
  const same = own.length === order.length && own.every((id) => order.includes(id));
  if (wish === "choose" || !same) return null;
  if (wish === "today") return `Today, ${dayDate(today)}`;
  const monday = mondayOf(today);
  return `Week of ${dayDate(wish === "week" ? monday : addDays(monday, 7))}`;
}
