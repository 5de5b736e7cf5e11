import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { ChartCard } from "@/components/ChartCard";
import { RoutesTable } from "@/features/performance/RoutesTable";
import { nextOrder, sortedRoutes } from "@/features/performance/routes";
import { NOW, routeTimes } from "./operationsData";
import { show } from "./render";

const line = (name: string, values: (number | null)[]) => ({
  name,
  unit: "s",
  points: values.map((value, n) => ({ at: new Date(NOW + n * 60_000).toISOString(), value })),
});

describe("a chart", () => {
  it("says its latest value, its limit and its gaps without a hover", async () => {
    await show(
      <ChartCard
        title="Response time"
        unit="s"
        stepSeconds={60}
        threshold={2}
        lines={[line("p50", [0.1, null, 0.2]), line("p95", [0.5, null, 1.9])]}
      />,
    );
    const card = await screen.findByRole("region", { name: "Response time" });
    expect(within(card).getByText("1 of 3 steps without data")).toBeVisible();
    expect(within(card).getByText("1.90 s")).toBeVisible();
    expect(within(card).getByText("limit 2 s")).toBeVisible();
  });

  it("has its figures as a table, where a gap is no zero", async () => {
    const user = userEvent.setup();
    await show(<ChartCard title="Sync" unit="s" stepSeconds={60} lines={[line("sync", [3, null, 5])]} />);
    await user.click(await screen.findByText("Figures"));
    const rows = within(await screen.findByRole("table")).getAllByRole("row");
    expect(rows.map((row) => row.lastElementChild?.textContent)).toEqual([
      "Sync, mean (highest)",
      "3.00 s (3.00 s)",
      "no data",
      "5.00 s (5.00 s)",
    ]);
  });

  it("says so when nothing was measured at all", async () => {
    await show(<ChartCard title="Sync" unit="s" stepSeconds={60} lines={[line("sync", [null, null])]} />);
    expect(await screen.findByText("Nothing was measured in this time.")).toBeVisible();
    expect(screen.getByText("no data")).toBeVisible();
  });

  it("does not flatten its lines for a limit far above", async () => {
    await show(
      <ChartCard title="Sync" unit="s" stepSeconds={60} threshold={300} lines={[line("sync", [3, 4])]} />,
    );
    expect(await screen.findByText("limit 5 min, far above")).toBeVisible();
  });
});

describe("the routes", () => {
  const routes = [routeTimes("/a", 0.2), routeTimes("/b", null), routeTimes("/c", 3, { errors: 1 })];

  it("stand with the slowest first, and what is not known last in any order", () => {
    expect(sortedRoutes(routes, { by: "p95_seconds", down: true }).map(({ route }) => route)).toEqual([
      "/c",
      "/a",
      "/b",
    ]);
    expect(sortedRoutes(routes, { by: "p95_seconds", down: false }).map(({ route }) => route)).toEqual([
      "/a",
      "/c",
      "/b",
    ]);
    expect(nextOrder({ by: "p95_seconds", down: true }, "route")).toEqual({ by: "route", down: false });
  });

  it("are sorted by a click on a column", async () => {
    const user = userEvent.setup();
    await show(<RoutesTable routes={routes} window="1 h" />);
    const first = () => screen.getAllByRole("row")[1];
    expect(await screen.findByText("/c")).toBeVisible();
    expect(first()).toHaveTextContent("/c");
    expect(first()).toHaveTextContent("1 (10 %)");
    await user.click(screen.getByRole("button", { name: "Route" }));
    expect(first()).toHaveTextContent("/a");
    expect(screen.getByRole("columnheader", { name: "Route" })).toHaveAttribute("aria-sort", "ascending");
  });
});
