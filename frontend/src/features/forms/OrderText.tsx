import type { VisitPlan } from "@/api/types";
import { ScrollRegion } from "@/components/ScrollRegion";
import classes from "./Order.module.css";
import { markedInstructions } from "./plan";

/** The instructions as they were given, with the words that decide which dispensers are prepared. */
export function OrderText({ plan }: { plan: VisitPlan }) {
  const text = plan.instructions?.trim() ?? "";
  const relevant = plan.marks.length + plan.unresolved.length + plan.questions.length > 0;
  if (text === "" || !relevant) return null;
  let at = 0;
  return (
    <section className={classes.panel} aria-labelledby="order-text">
      <div className={classes.head}>
        <h2 id="order-text" className={classes.title}>
          Instructions
        </h2>
        <p className={classes.key}>
          {plan.marks.length > 0 && (
            <span>
              <mark className={classes.orders}>marked</mark> orders a dispenser
            </span>
          )}
          {plan.unresolved.length > 0 && (
            <span>
              <mark className={classes.unclear}>dashed</mark> fits no dispenser
            </span>
          )}
          {plan.questions.some((question) => question.start !== null) && (
            <span>
              <mark className={classes.question}>lined</mark> is in question
            </span>
          )}
        </p>
      </div>
      <ScrollRegion className={classes.text} label="Text of the instructions">
        {markedInstructions(plan).map((piece) => {
          const key = at;
          at += piece.text.length;
          return piece.value === null ? (
            <span key={key}>{piece.text}</span>
          ) : (
            <mark key={key} className={classes[piece.value.kind]} title={piece.value.label}>
              {piece.text}
              <span className="visually-hidden"> ({piece.value.label})</span>
            </mark>
          );
        })}
      </ScrollRegion>
      {plan.unresolved.length > 0 && (
        <ul className={classes.unresolved} aria-label="Not understood in the instructions">
          {plan.unresolved.map((item) => (
            <li key={`${item.text} ${item.why}`}>
              <q>{item.text}</q> {item.why}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
