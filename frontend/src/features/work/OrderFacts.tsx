import type { WorkOrder } from "@/api/types";
import { Ago } from "@/components/Ago";
import { dayDate, instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./WorkOrderPage.module.css";

export function Services({ order }: { order: WorkOrder }) {
  return (
    <section className={classes.panel} aria-labelledby="services">
      <div className={classes.panelHead}>
        <h2 id="services" className={classes.panelTitle}>
          Services
        </h2>
      </div>
      {order.services.length === 0 ? (
        <p className="muted">The work order lists no services.</p>
      ) : (
        <ul className={classes.services}>
          {order.services.map((service) => (
            <li key={`${service.category}${service.code}${service.description}`}>
              <span className={classes.quantity}>{service.quantity}×</span>
              <span>
                {service.description}
                <span className={classes.category}> {service.category}</span>
              </span>
              <span className="mono muted">{service.code}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Everything else the portal says about the order. */
export function OrderFacts({ order }: { order: WorkOrder }) {
  const zone = useZone();
  const rows: [string, string | null][] = [
    ["Work order", `W-${order.card.work_id}`],
    ["Customer", order.customer],
    ["Status", order.status],
    ["Reason", order.reason],
    ["Project", order.project],
    ["PO", order.po],
    ["Visits done", `${order.visits_done} of ${order.visits_total}`],
    ["Completed", order.card.completed_on === null ? null : dayDate(order.card.completed_on)],
    ["Created", order.created_at === null ? null : instantText(order.created_at, zone)],
  ];
  return (
    <section className={classes.panel} aria-labelledby="order-facts">
      <div className={classes.panelHead}>
        <h2 id="order-facts" className={classes.panelTitle}>
          Order
        </h2>
      </div>
      <dl className={classes.pairs}>
        {rows
          .filter((row): row is [string, string] => row[1] !== null && row[1] !== "")
          .map(([name, value]) => (
            <div key={name} style={{ display: "contents" }}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        <dt>Last seen</dt>
        <dd>
          <Ago instant={order.seen_at} zone={zone} />
          {order.missing_since !== null && (
            <span className={classes.late}>
              , not in the list since <Ago instant={order.missing_since} zone={zone} />
            </span>
          )}
        </dd>
      </dl>
    </section>
  );
}
