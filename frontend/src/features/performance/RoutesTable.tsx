import { TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { RouteTimes } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ScrollRegion } from "@/components/ScrollRegion";
import { Section } from "@/components/Section";
import { amount, percent, seconds } from "@/lib/figures";
import { count } from "@/lib/words";
import classes from "./PerformancePage.module.css";
import { COLUMNS, type Column, nextOrder, type Order, sortedRoutes } from "./routes";

/** Seconds: what is promised for 95 % of the requests. */
const SLOW = 2;

/** The times of every route, the slowest first unless wished otherwise. */
export function RoutesTable({ routes, window }: { routes: RouteTimes[]; window: string }) {
  const [order, setOrder] = useState<Order>({ by: "p95_seconds", down: true });
  const [search, setSearch] = useState("");
  const wanted = search.trim().toLowerCase();
  const shown = sortedRoutes(routes, order).filter(({ method, route }) =>
    `${method} ${route}`.toLowerCase().includes(wanted),
  );
  return (
    <Section
      title="Routes"
      hint={`last ${window}, ${count(shown.length, "route")}`}
      action={
        <TextInput
          size="xs"
          className={classes.search}
          aria-label="Search the routes"
          placeholder="Search"
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      }
    >
      {shown.length === 0 ? (
        <div className="card">
          <EmptyState
            compact
            level={3}
            title={routes.length === 0 ? "No request was measured in this time" : "No route fits"}
          >
            {routes.length === 0 ? "Choose a longer window." : "Try another word."}
          </EmptyState>
        </div>
      ) : (
        <ScrollRegion label="Times of the routes" className={classes.card}>
          <table className={classes.table}>
            <thead>
              <tr>
                {COLUMNS.map(({ key, label }) => (
                  <Head
                    key={key}
                    column={key}
                    label={label}
                    order={order}
                    onSort={() => setOrder(nextOrder(order, key))}
                  />
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((route) => (
                <Row key={`${route.method} ${route.route}`} route={route} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </Section>
  );
}

interface HeadProps {
  column: Column;
  label: string;
  order: Order;
  onSort: () => void;
}

function Head({ column, label, order, onSort }: HeadProps) {
  const on = order.by === column;
  const Arrow = order.down ? IconArrowDown : IconArrowUp;
  return (
    <th scope="col" aria-sort={on ? (order.down ? "descending" : "ascending") : "none"}>
      <button type="button" className={classes.sort} data-on={on || undefined} onClick={onSort}>
        {label}
        {on ? (
          <Arrow className={classes.arrow} aria-hidden />
        ) : (
          <span className={classes.arrow} aria-hidden />
        )}
      </button>
    </th>
  );
}

const time = (value: number | null) =>
  value === null ? <span className="muted">no data</span> : seconds(value);

function Row({ route }: { route: RouteTimes }) {
  const failed = route.errors > 0;
  return (
    <tr>
      <td>
        <span className={classes.method}>{route.method}</span> <span className="mono">{route.route}</span>
      </td>
      <td>{amount(route.requests)}</td>
      <td className={failed ? classes.bad : undefined}>
        {failed
          ? `${amount(route.errors)}${route.requests > 0 ? ` (${percent(route.errors / route.requests, 1)})` : ""}`
          : "0"}
      </td>
      <td>{time(route.p50_seconds)}</td>
      <td className={(route.p95_seconds ?? 0) > SLOW ? classes.slow : undefined}>
        {time(route.p95_seconds)}
      </td>
      <td>{time(route.p99_seconds)}</td>
    </tr>
  );
}
