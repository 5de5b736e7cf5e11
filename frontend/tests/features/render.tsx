import { MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { theme } from "@/app/theme";

/** Renders a part with the kit, a query cache and a router around it. */
export async function show(children: ReactNode, seed?: (queries: QueryClient) => void) {
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  seed?.(queries);
  const root = createRootRoute();
  const page = createRoute({ getParentRoute: () => root, path: "$", component: () => children });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: ["/here"] }),
  });
  await router.load();
  const view = render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>
        <ModalsProvider>
          {/* biome-ignore lint/suspicious/noExplicitAny: a small router stands in for the registered one */}
          <RouterProvider router={router as any} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { ...view, queries, router };
}
