import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { VisitCard } from "@/api/types";
import { chainColour } from "@/components/ChainMark";
import { FactBadge } from "@/components/FactBadge";
import { FormRing } from "@/components/FormRing";
import { shortDate } from "@/lib/time";
import { storeLabel } from "@/lib/words";
import classes from "./VisitCardLink.module.css";
import { cardId } from "./weekGrid";

const dueWords = (card: VisitCard): string | null => {
  if (card.due_date === null) return null;
  const date = shortDate(card.due_date);
  if (card.due_state === "overdue") return `Overdue since ${date}`;
  return card.due_state === "before_visit" ? `Due ${date}, before the visit` : `Due ${date}`;
};

export function VisitCardLink({ card }: { card: VisitCard }) {
  const due = dueWords(card);
  const late = card.due_state === "overdue" || card.due_state === "before_visit";
  const style = { "--edge": chainColour(card.chain) } as CSSProperties;
  const target =
    card.visit_id === null
      ? ({ to: "/work-orders/$workId", params: { workId: String(card.work_id) } } as const)
      : ({ to: "/visits/$visitId", params: { visitId: String(card.visit_id) } } as const);
  return (
    <Link
      {...target}
      className={classes.card}
      style={style}
      data-card={cardId(card)}
      data-done={card.completed_on !== null || undefined}
    >
      <span className={classes.top}>
        <span className={classes.name}>
          {card.chain.name} <span className={classes.store}>{storeLabel(card.store)}</span>
        </span>
        {card.time !== null && !/^any/i.test(card.time) && <span className={classes.time}>{card.time}</span>}
      </span>
      <span className={classes.city}>{card.city ?? "City not known"}</span>
      <span className={classes.line}>
        <span className={classes.dispensers}>
          {card.dispensers === null ? (
            <span title="Neither the store's page nor the order says how many">? disp</span>
          ) : (
            <>
              <b>{card.dispensers}</b> disp
            </>
          )}
        </span>
        {card.visit_id === null ? (
          <span className="muted">no visit yet</span>
        ) : (
          <FormRing forms={card.forms} />
        )}
      </span>
      {(card.facts.length > 0 || card.missing) && (
        <span className={classes.badges}>
          {card.missing && (
            <span
              className={classes.missing}
              title="The portal's newest list does not show it; kept until it is clear why"
            >
              Not in the newest list
            </span>
          )}
          {card.facts.map((fact) => (
            <FactBadge key={`${fact.kind}${fact.label}`} fact={fact} />
          ))}
        </span>
      )}
      {due !== null && (
        <span className={classes.due} data-late={late || undefined}>
          {due}
        </span>
      )}
      {card.completed_on !== null && (
        <span className={classes.completed}>Completed {shortDate(card.completed_on)}</span>
      )}
    </Link>
  );
}
