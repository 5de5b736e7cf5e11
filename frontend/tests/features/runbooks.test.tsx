import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rulesQuery, runbookQuery, runbooksQuery } from "@/api/operations";
import { theme } from "@/app/theme";
import { Markdown, readMarkdown } from "@/components/Markdown";
import { AlertDetails } from "@/features/alerts/AlertDetails";
import RulesView from "@/features/alerts/RulesView";
import { RunbookPage } from "@/features/runbooks/RunbookPage";
import { RunbooksPage } from "@/features/runbooks/RunbooksPage";
import { alert } from "./operationsData";
import { show } from "./render";

const TEXT = `# Monitoring

What to do. See [the guide](https://example.com/guide), [restoring](restore.md#Copy),
[below](#slow_api), [the house](../../architecture.md) and [this](javascript:alert(1)).

## db_down

- \`fossawork status\`, then look at \`app.db\`. <b>Raw</b> ![a picture](x.png)

## slow_api

Do:

    fossawork restart
`;

const runbook = (name: string, text = TEXT) => ({ name, title: "Monitoring", text });

const scrolled: string[] = [];
beforeEach(() => {
  scrolled.length = 0;
  vi.spyOn(window.HTMLElement.prototype, "scrollIntoView").mockImplementation(function (this: HTMLElement) {
    scrolled.push(this.id);
  });
});
afterEach(() => vi.restoreAllMocks());

/** The pages of the runbooks in a router like the real one. */
async function open(address: string, seed: (queries: QueryClient) => void = () => undefined) {
  const queries = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  seed(queries);
  const root = createRootRoute();
  const app = createRoute({ getParentRoute: () => root, id: "app" });
  const operations = createRoute({ getParentRoute: () => app, path: "/operations" });
  const pages = [
    createRoute({ getParentRoute: () => operations, path: "/runbooks", component: RunbooksPage }),
    createRoute({ getParentRoute: () => operations, path: "/runbooks/$name", component: RunbookPage }),
  ];
  const router = createRouter({
    routeTree: root.addChildren([app.addChildren([operations.addChildren(pages)])]),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  await router.load();
  render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>
        {/* biome-ignore lint/suspicious/noExplicitAny: a small router stands in for the registered one */}
        <RouterProvider router={router as any} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return router;
}

const known = (queries: QueryClient) => {
  queries.setQueryData(runbookQuery("monitoring").queryKey, runbook("monitoring"));
  queries.setQueryData(runbooksQuery.queryKey, [runbook("monitoring")]);
};

describe("a runbook", () => {
  it("opens at the section of its address, marks it and goes on from there by keyboard", async () => {
    await open("/operations/runbooks/monitoring#slow_api", known);
    const heading = await screen.findByRole("heading", { level: 2, name: "slow_api" });
    expect(heading).toHaveAttribute("id", "slow_api");
    expect(heading).toHaveAttribute("aria-current", "location");
    expect(heading).toHaveFocus();
    expect(scrolled).toContain("slow_api");
    expect(screen.getByRole("heading", { name: "db_down" })).not.toHaveAttribute("aria-current");
    expect(screen.queryByRole("heading", { level: 1 })).toBeNull();
  });

  it("goes to another section by its contents", async () => {
    const router = await open("/operations/runbooks/monitoring", known);
    const contents = await screen.findByRole("navigation", { name: "Contents" });
    expect(
      within(contents)
        .getAllByRole("link")
        .map((link) => link.textContent),
    ).toEqual(["db_down", "slow_api"]);
    expect(document.querySelector("[aria-current=location]")).toBeNull();
    const link = within(contents).getByRole("link", { name: "db_down" });
    expect(link).toHaveAttribute("href", "/operations/runbooks/monitoring#db_down");
    await userEvent.click(link);
    await vi.waitFor(() => expect(screen.getByRole("heading", { name: "db_down" })).toHaveFocus());
    expect(router.state.location.hash).toBe("db_down");
    expect(screen.getByRole("heading", { name: "db_down" })).toHaveAttribute("aria-current", "location");
    expect(link).toHaveAttribute("aria-current", "page");
  });

  it("opens at its own section after another runbook with one of that name", async () => {
    const router = await open("/operations/runbooks/monitoring#db_down", (queries) => {
      known(queries);
      queries.setQueryData(runbookQuery("second").queryKey, runbook("second", "## db_down\n\nSecond.\n"));
    });
    await screen.findByRole("heading", { name: "slow_api" });
    scrolled.length = 0;
    await router.navigate({ to: "/operations/runbooks/$name", params: { name: "second" }, hash: "db_down" });
    expect(await screen.findByText("Second.")).toBeVisible();
    expect(screen.getByRole("heading", { name: "db_down" })).toHaveFocus();
  });

  it("says when it has no such section, and shows all of itself", async () => {
    await open("/operations/runbooks/monitoring#gone", known);
    expect(await screen.findByText(/This runbook has no section/)).toHaveTextContent("gone");
    expect(screen.getByRole("heading", { name: "slow_api" })).toBeVisible();
  });

  it("is loaded, or says why it cannot be, and where the others are", async () => {
    const problem = {
      ...{ type: "about:blank", title: "Not found", status: 404, code: "not_found", kind: "business" },
      ...{ detail: "There is no runbook none.", action: "Look at the list.", reference: "r", errors: [] },
    };
    vi.stubGlobal("fetch", async () => Response.json(problem, { status: 404 }));
    await open("/operations/runbooks/none");
    expect(await screen.findByText("Loading the runbook")).toBeInTheDocument();
    expect(await screen.findByRole("alert")).toHaveTextContent("There is no runbook none.");
  });
});

describe("the list of runbooks", () => {
  it("names what there is", async () => {
    await open("/operations/runbooks", (queries) =>
      queries.setQueryData(runbooksQuery.queryKey, [
        { name: "monitoring", title: "Monitoring" },
        { name: "restore", title: "Restoring" },
      ]),
    );
    const link = await screen.findByRole("link", { name: "Restoring" });
    expect(link).toHaveAttribute("href", "/operations/runbooks/restore");
  });

  it("opens the only one at once", async () => {
    const router = await open("/operations/runbooks", known);
    expect(await screen.findByRole("heading", { name: "db_down" })).toBeVisible();
    expect(router.state.location.pathname).toBe("/operations/runbooks/monitoring");
  });

  it("says where runbooks are put when there is none", async () => {
    await open("/operations/runbooks", (queries) => queries.setQueryData(runbooksQuery.queryKey, []));
    expect(await screen.findByText(/docs\/operations\/runbooks/)).toBeVisible();
  });
});

describe("a text in Markdown", () => {
  it("leads away safely, to other runbooks inside the product, and nowhere else", async () => {
    await show(<Markdown of={readMarkdown(TEXT)} here="monitoring" level={2} />);
    const guide = await screen.findByRole("link", { name: "the guide" });
    expect(guide).toHaveAttribute("rel", "noreferrer");
    expect(guide).toHaveAttribute("href", "https://example.com/guide");
    expect(screen.getByRole("link", { name: "restoring" })).toHaveAttribute(
      "href",
      "/operations/runbooks/restore#Copy",
    );
    expect(screen.getByRole("link", { name: "below" })).toHaveAttribute(
      "href",
      "/operations/runbooks/monitoring#slow_api",
    );
    expect(screen.getAllByRole("link")).toHaveLength(3);
    expect(screen.getByText("the house")).toBeVisible();
  });

  it("never becomes HTML or a picture", async () => {
    await show(<Markdown of={readMarkdown(TEXT)} level={2} />);
    expect(await screen.findByText(/<b>Raw<\/b>/)).toBeVisible();
    expect(document.querySelector("img, b")).toBeNull();
    expect(screen.getByText("a picture")).toBeVisible();
  });

  it("lets commands be copied, and only commands", async () => {
    const user = userEvent.setup();
    await show(<Markdown of={readMarkdown(TEXT)} level={2} />);
    await user.click(await screen.findByRole("button", { name: "Copy fossawork status" }));
    expect(await navigator.clipboard.readText()).toBe("fossawork status");
    await user.click(screen.getByRole("button", { name: "Copy fossawork restart" }));
    expect(await navigator.clipboard.readText()).toBe("fossawork restart");
    expect(screen.getAllByRole("button")).toHaveLength(2);
  });

  it("has no button inside a heading or a link", async () => {
    const text = "## `fossawork stop`\n\n[`fossawork start`](https://example.com)\n";
    await show(<Markdown of={readMarkdown(text)} level={2} />);
    expect(await screen.findByRole("heading", { name: "fossawork stop" })).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
  });

  const folder = join(import.meta.dirname, "..", "..", "..", "docs", "operations", "runbooks");
  it.each(readdirSync(folder).filter((name) => name.endsWith(".md")))("can show all of %s", async (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const { headings, content } = readMarkdown(text);
    const written = [...text.matchAll(/^##+ (.+)$/gm)].map(([, words = ""]) => words);
    expect(headings.map(({ id }) => id)).toEqual(written);
    await show(<Markdown of={{ headings, content }} here="x" level={2} />);
    await screen.findByRole("heading", { name: written[0] ?? "" });
    const rawTable = [...document.querySelectorAll("p")].filter((one) => one.textContent.startsWith("|"));
    expect(rawTable).toEqual([]);
  });
});

describe("an alert and its rule", () => {
  const href = "/operations/runbooks/monitoring-runbook#db_down";

  it("lead to the section of the runbook", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => undefined));
    const detail = { ...alert(), evidence: {}, events: [] };
    await show(<AlertDetails alert={detail} title={{ current: null }} />);
    expect(await screen.findByRole("link", { name: "Runbook db_down" })).toHaveAttribute("href", href);
  });

  it("have none where the rule is no more, and one to copy where it is kept elsewhere", async () => {
    vi.stubGlobal("fetch", () => new Promise(() => undefined));
    const detail = { ...alert({ runbook: "", what_to_do: "" }), evidence: {}, events: [] };
    const { unmount } = await show(<AlertDetails alert={detail} title={{ current: null }} />);
    expect(await screen.findByText("The rule of this alert no longer exists.")).toBeVisible();
    expect(screen.queryByText(/Runbook/)).toBeNull();
    unmount();
    const elsewhere = { ...detail, runbook: "wiki: databases" };
    await show(<AlertDetails alert={elsewhere} title={{ current: null }} />);
    expect(await screen.findByRole("button", { name: "Copy runbook wiki: databases" })).toBeVisible();
  });

  it("are linked from the list of rules too", async () => {
    const rule = {
      ...{ id: "db_down", title: "The database does not answer", kind: "system_down" as const },
      ...{ priorities: [], condition: "x", over: "y", what_to_do: "z", silent_in_maintenance: true },
      runbook: "docs/operations/runbooks/monitoring-runbook.md#db_down",
    };
    await show(<RulesView />, (queries) => queries.setQueryData(rulesQuery.queryKey, [rule]));
    expect(await screen.findByRole("link", { name: "Runbook db_down" })).toHaveAttribute("href", href);
  });
});
