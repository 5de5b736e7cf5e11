import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { operationsKeys } from "@/api/operations";
import { PerformancePage } from "@/features/performance/PerformancePage";
import { NOW } from "./operationsData";

it("names the window that is shown, not the one that is waited for", async () => {
  vi.stubGlobal("fetch", () => new Promise(() => undefined));
  const queries = new QueryClient();
  queries.setQueryData([...operationsKeys.performance, "1h"], {
    since: new Date(NOW - 3_600_000).toISOString(),
    until: new Date(NOW).toISOString(),
    charts: [],
    routes: [],
  });
  const root = createRootRoute();
  const app = createRoute({ getParentRoute: () => root, id: "app" });
  const operations = createRoute({ getParentRoute: () => app, path: "/operations" });
  const page = createRoute({
    getParentRoute: () => operations,
    path: "/performance",
    component: PerformancePage,
  });
  const router = createRouter({
    routeTree: root.addChildren([app.addChildren([operations.addChildren([page])])]),
    history: createMemoryHistory({ initialEntries: ["/operations/performance"] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        {/* biome-ignore lint/suspicious/noExplicitAny: a small router stands in for the registered one */}
        <RouterProvider router={router as any} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  expect(await screen.findByText(/^last 1 h,/)).toBeVisible();
  await userEvent.click(screen.getByText("30 days"));
  expect(await screen.findByRole("radio", { name: "30 days" })).toBeChecked();
  expect(screen.getByText(/^last 1 h,/)).toBeVisible();
});
