import { Button } from "@mantine/core";
import { IconClipboardCheck, IconExternalLink, IconMapPin } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { WorkOrder } from "@/api/types";
import { chainColour } from "@/components/ChainMark";
import { FactBadge } from "@/components/FactBadge";
import { FormRing } from "@/components/FormRing";
import { dayDate, daysBetween } from "@/lib/time";
import { count, storeLabel } from "@/lib/words";
import classes from "./WorkOrderPage.module.css";

function Due({ order }: { order: WorkOrder }) {
  const { due_date: due, due_state: state, date } = order.card;
  if (due === null) return <>none</>;
  if (state === "overdue") return <span className={classes.late}>{dayDate(due)}, overdue</span>;
  if (state === "before_visit") {
    const days = date === null ? 0 : daysBetween(due, date);
    return (
      <span className={classes.late}>
        {dayDate(due)}
        {days > 0 ? `, ${count(days, "day")} before the visit` : ""}
      </span>
    );
  }
  return <>{dayDate(due)}</>;
}

/** What the technician looks for first: which visit, when, where, and the one thing to do. */
export function OrderHeader({ order }: { order: WorkOrder }) {
  const { card } = order;
  const style = { "--edge": chainColour(card.chain) } as CSSProperties;
  const town = [[order.city, order.state].filter(Boolean).join(", "), order.zip].filter(Boolean).join(" ");
  const dispensers =
    card.dispensers === null
      ? "not known"
      : `${card.dispensers}${card.dispensers_from === "quantity" ? " (as ordered)" : ""}`;
  return (
    <section className={classes.header} style={style} aria-label="Visit">
      <div>
        <p className={classes.chain}>
          {card.chain.name} {storeLabel(card.store)}
        </p>
        <h2 className={classes.visit}>
          {card.visit_id === null ? `W-${card.work_id}` : `Visit ${card.visit_id}`}
        </h2>
        {(card.facts.length > 0 || card.missing) && (
          <div className={classes.headerFacts}>
            {card.facts.map((fact) => (
              <FactBadge key={`${fact.kind}${fact.label}`} fact={fact} />
            ))}
            {card.missing && (
              <FactBadge fact={{ kind: "post_construction", label: "Not in the newest list" }} />
            )}
          </div>
        )}
      </div>
      <dl className={classes.pairs}>
        <dt>Date</dt>
        <dd>
          {card.date === null ? "not scheduled" : dayDate(card.date)}
          {card.time === null ? "" : `, ${card.time}`}
        </dd>
        <dt>Due</dt>
        <dd>
          <Due order={order} />
        </dd>
        <dt>Dispensers</dt>
        <dd>{dispensers}</dd>
        <dt>Forms</dt>
        <dd>
          <FormRing forms={card.forms} />
        </dd>
      </dl>
      <address className={classes.address}>
        <div className={classes.street}>{order.street ?? "Street not known"}</div>
        {order.intersection !== null && <div className="muted">{order.intersection}</div>}
        <div>{town}</div>
        {order.county !== null && (
          <div className="muted">
            {/county$/i.test(order.county) ? order.county : `${order.county} County`}
          </div>
        )}
        {order.map_url !== null && (
          <a href={order.map_url} target="_blank" rel="noreferrer" className={classes.mapLink}>
            <IconMapPin size={16} aria-hidden />
            Open in maps
          </a>
        )}
      </address>
      <div className={classes.actions}>
        {card.visit_id !== null && (
          <Button
            leftSection={<IconClipboardCheck size={18} aria-hidden />}
            renderRoot={(props) => (
              <Link {...props} to="/visits/$visitId/forms" params={{ visitId: String(card.visit_id) }} />
            )}
          >
            Prepare forms
          </Button>
        )}
        {order.portal_url !== null && (
          <Button
            component="a"
            href={order.portal_url}
            target="_blank"
            rel="noreferrer"
            variant="default"
            leftSection={<IconExternalLink size={16} aria-hidden />}
          >
            Open in portal
          </Button>
        )}
      </div>
    </section>
  );
}
