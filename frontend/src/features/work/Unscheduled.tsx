import type { VisitCard } from "@/api/types";
import { count } from "@/lib/words";
import classes from "./Unscheduled.module.css";
import { VisitCardLink } from "./VisitCardLink";
import { cardId } from "./weekGrid";

/** Work that has no visit date yet. */
export function Unscheduled({ cards }: { cards: VisitCard[] }) {
  if (cards.length === 0) return null;
  return (
    <section aria-labelledby="unscheduled">
      <h2 id="unscheduled" className={classes.title}>
        Without a date <span className={classes.count}>{count(cards.length, "work order")}</span>
      </h2>
      <ul className={classes.cards}>
        {cards.map((card) => (
          <li key={cardId(card)}>
            <VisitCardLink card={card} />
          </li>
        ))}
      </ul>
    </section>
  );
}
