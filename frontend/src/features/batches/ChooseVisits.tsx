import { Checkbox } from "@mantine/core";
import { FormRing } from "@/components/FormRing";
import { ScrollRegion } from "@/components/ScrollRegion";
import { dayDate } from "@/lib/time";
import { count, storeLabel } from "@/lib/words";
import classes from "./NewBatch.module.css";
import type { DayGroup } from "./newBatch";

interface Props {
  groups: DayGroup[];
  order: number[];
  /** On a phone the boxes are made for fingers. */
  phone: boolean;
  onAdd: (ids: number[]) => void;
  onRemove: (ids: number[]) => void;
}

/** All visits of two weeks by day; a day is chosen or left with one click. */
export function ChooseVisits({ groups, order, phone, onAdd, onRemove }: Props) {
  const chosen = new Set(order);
  const set = (ids: number[], wanted: boolean) => (wanted ? onAdd(ids) : onRemove(ids));
  return (
    <ScrollRegion className={classes.choose} label="Visits to choose from">
      {groups.map((group) => {
        const ids = group.visits.map((visit) => visit.visitId);
        const in_ = ids.filter((id) => chosen.has(id)).length;
        // By the day's own box only what is to be done is chosen; the rest is still there to be chosen by hand.
        const open = group.visits.filter((visit) => visit.left === null).map((visit) => visit.visitId);
        return (
          <fieldset key={group.date} className={classes.day}>
            <legend className="visually-hidden">{dayDate(group.date)}</legend>
            <Checkbox
              size={phone ? "md" : "sm"}
              className={classes.dayHead}
              checked={in_ > 0 && in_ >= (open.length || ids.length)}
              indeterminate={in_ > 0 && in_ < (open.length || ids.length)}
              onChange={() =>
                in_ >= (open.length || ids.length) ? set(ids, false) : set(open.length > 0 ? open : ids, true)
              }
              label={
                <>
                  <b>{dayDate(group.date)}</b>
                  {group.isToday && <span className={classes.today}> today</span>}{" "}
                  <span className="muted">{count(ids.length, "visit")}</span>
                </>
              }
            />
            {group.visits.map(({ visitId, card, left, note }) => (
              <Checkbox
                key={visitId}
                size={phone ? "md" : "sm"}
                className={classes.visit}
                checked={chosen.has(visitId)}
                onChange={(event) => set([visitId], event.currentTarget.checked)}
                label={
                  <span className={classes.label}>
                    <span className={classes.store}>
                      {card.chain.name} {storeLabel(card.store)}{" "}
                      <span className="muted">{card.city ?? ""}</span>
                    </span>
                    <span className={classes.count}>
                      {card.dispensers === null ? "? disp." : `${card.dispensers} disp.`}
                    </span>
                    <span className={classes.forms}>
                      <FormRing forms={card.forms} />
                    </span>
                    {(left !== null || note !== null) && (
                      <span className={classes.note} data-left={left !== null || undefined}>
                        {left === null ? note : `Not chosen: ${left}`}
                      </span>
                    )}
                  </span>
                }
              />
            ))}
          </fieldset>
        );
      })}
    </ScrollRegion>
  );
}
