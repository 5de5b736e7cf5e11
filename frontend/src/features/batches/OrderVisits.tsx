import { ActionIcon } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconX } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { dayDate } from "@/lib/time";
import { count, storeLabel } from "@/lib/words";
import classes from "./NewBatch.module.css";
import type { Candidate } from "./newBatch";

interface Props {
  visits: Candidate[];
  onMove: (id: number, by: number) => void;
  onRemove: (id: number) => void;
}

/** The chosen visits in the order in which they are prepared; moved by buttons, or by Alt and the arrow keys. */
export function OrderVisits({ visits, onMove, onRemove }: Props) {
  const list = useRef<HTMLOListElement>(null);
  const [told, setTold] = useState("");
  const moved = useRef<{ id: number; by: number } | null>(null);

  // The button that was pressed moves with its visit: the focus follows it, also to the end where it is switched off.
  useEffect(() => {
    const last = moved.current;
    if (last === null) return;
    moved.current = null;
    const row = list.current?.querySelector(`[data-visit="${last.id}"]`);
    const [up, down] = row?.querySelectorAll<HTMLButtonElement>("[data-move]") ?? [];
    const wanted = last.by < 0 ? up : down;
    (wanted?.disabled ? (last.by < 0 ? down : up) : wanted)?.focus();
  });

  const shift = (visit: Candidate, index: number, by: number) => {
    const to = index + by;
    if (to < 0 || to >= visits.length) return;
    moved.current = { id: visit.visitId, by };
    setTold(`${storeLabel(visit.card.store)} is now ${to + 1} of ${visits.length}`);
    onMove(visit.visitId, by);
  };
  const onKey = (visit: Candidate, index: number) => (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    shift(visit, index, event.key === "ArrowUp" ? -1 : 1);
  };
  const dispensers = visits.reduce((sum, { card }) => sum + (card.dispensers ?? 0), 0);
  return (
    <section className={classes.order} aria-labelledby="batch-order">
      <h3 id="batch-order" className={classes.orderTitle}>
        Order{" "}
        <span className="muted">
          {count(visits.length, "visit")} · {count(dispensers, "dispenser")}
        </span>
      </h3>
      <p className="visually-hidden" aria-live="polite">
        {told}
      </p>
      {visits.length === 0 ? (
        <p className={classes.nothing}>Nothing chosen yet.</p>
      ) : (
        <ol ref={list} className={classes.orderList}>
          {visits.map((visit, index) => {
            const name = storeLabel(visit.card.store);
            return (
              <li key={visit.visitId} className={classes.orderRow} data-visit={visit.visitId}>
                <span className={classes.orderPlace}>{index + 1}</span>
                <span className={classes.orderName}>
                  {visit.card.chain.name} {name} <span className="muted">{dayDate(visit.date)}</span>
                </span>
                {/* biome-ignore lint/a11y/noStaticElementInteractions: Alt and arrows are an extra way, the buttons do the same */}
                <span className={classes.orderButtons} onKeyDown={onKey(visit, index)}>
                  <ActionIcon
                    data-move
                    variant="subtle"
                    color="gray"
                    disabled={index === 0}
                    aria-label={`Move ${name} up`}
                    title="Up  Alt ↑"
                    onClick={() => shift(visit, index, -1)}
                  >
                    <IconArrowUp size={16} />
                  </ActionIcon>
                  <ActionIcon
                    data-move
                    variant="subtle"
                    color="gray"
                    disabled={index === visits.length - 1}
                    aria-label={`Move ${name} down`}
                    title="Down  Alt ↓"
                    onClick={() => shift(visit, index, 1)}
                  >
                    <IconArrowDown size={16} />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    aria-label={`Leave out ${name}`}
                    onClick={() => onRemove(visit.visitId)}
                  >
                    <IconX size={16} />
                  </ActionIcon>
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </section>
  );
}
