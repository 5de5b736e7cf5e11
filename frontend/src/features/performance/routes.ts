/** The table of routes: in which order. Pure. */
import type { RouteTimes } from "@/api/types";

export const COLUMNS = [
  { key: "route", label: "Route" },
  { key: "requests", label: "Requests" },
  { key: "errors", label: "Failed" },
  { key: "p50_seconds", label: "p50" },
  { key: "p95_seconds", label: "p95" },
  { key: "p99_seconds", label: "p99" },
] as const;

export type Column = (typeof COLUMNS)[number]["key"];

export interface Order {
  by: Column;
  down: boolean;
}

/** In this order; what has no figure always stands last, for nothing is known of it. */
export function sortedRoutes(routes: RouteTimes[], { by, down }: Order): RouteTimes[] {
  const sign = down ? -1 : 1;
  return [...routes].sort((a, b) => {
    const [x, y] = [a[by], b[by]];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    const order = typeof x === "string" ? x.localeCompare(String(y)) : x - Number(y);
    return sign * order || a.route.localeCompare(b.route) || a.method.localeCompare(b.method);
  });
}

/** A click on a column: figures begin with the highest, names with the first; a second click turns it round. */
export const nextOrder = (order: Order, by: Column): Order =>
  order.by === by ? { by, down: !order.down } : { by, down: by !== "route" };
