import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { operationsKeys } from "@/api/operations";
import type { AlertCall } from "@/api/types";
import { AlertClock } from "@/components/AlertClock";
import { AlertRow } from "@/components/AlertRow";
import MaintenanceDialog from "@/features/alerts/MaintenanceDialog";
import { NowView } from "@/features/alerts/NowView";
import ResolveDialog from "@/features/alerts/ResolveDialog";
import { evidenceOf, quickEnds } from "@/features/alerts/words";
import { calleeOf, mutedWords, responseClock } from "@/lib/alerts";
import { alert, call, NOW } from "./operationsData";
import { show } from "./render";

const at = (minutes: number): string => new Date(NOW + minutes * 60_000).toISOString();

afterEach(() => vi.useRealTimers());

describe("the response clock", () => {
  it("counts down to the time of the answer, and then up", () => {
    expect(responseClock(alert(), NOW)).toEqual({ state: "running", words: "answer within 2 min" });
    expect(responseClock(alert(), NOW + 119_000).words).toBe("answer within 1 s");
    expect(responseClock(alert(), NOW + 200_000)).toEqual({
      state: "over",
      words: "unanswered, 1 min 20 s over time",
    });
  });

  it("stands still once somebody answered, in time or late", () => {
    const answered = { phase: "acknowledged" as const, acknowledged_at: at(1) };
    expect(responseClock(alert({ ...answered, answered_in_time: true }), NOW + 1e7)).toEqual({
      state: "answered",
      words: "answered after 4 min",
    });
    const late = alert({ ...answered, acknowledged_at: at(10), answered_in_time: false });
    expect(responseClock(late, NOW)).toEqual({ state: "late", words: "answered after 13 min, 8 min late" });
  });

  it("asks nothing of what does not count yet, and blames nobody for what ended by itself", () => {
    expect(responseClock(alert({ phase: "pending", fired_at: null, answer_by: null }), NOW).state).toBe(
      "none",
    );
    expect(responseClock(alert({ phase: "resolved", resolved_at: at(0) }), NOW).state).toBe("unanswered");
  });

  it("ticks on the screen", async () => {
    vi.useFakeTimers({ now: NOW, shouldAdvanceTime: true });
    await show(<AlertClock alert={alert()} />);
    expect(await screen.findByText(/answer within (2 min|1 min 59 s)/)).toBeVisible();
    await vi.advanceTimersByTimeAsync(180_000);
    expect(await screen.findByText(/over time/)).toBeVisible();
  });
});

describe("an alert in the list", () => {
  it("can be acknowledged while nobody looks after it, and says who does afterwards", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      asked.push(new URL(request.url).pathname);
      return new Response(JSON.stringify({ ...alert(), evidence: {}, events: [] }), {
        headers: { "Content-Type": "application/json" },
      });
    });
    const user = userEvent.setup();
    const view = await show(<AlertRow alert={alert({ calls: [call()] })} />);
    expect(await screen.findByText("called the operations team")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Acknowledge: The database does not answer" }));
    await vi.waitFor(() => expect(asked).toContain("/api/operations/alerts/a1/acknowledge"));
    view.unmount();
    const taken = alert({
      phase: "acknowledged",
      acknowledged_at: at(0),
      acknowledged_by: "ada@example.com",
    });
    await show(<AlertRow alert={taken} />);
    expect(await screen.findByText("by ada@example.com")).toBeVisible();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("hands the focus to its title when the button goes", async () => {
    let phase: "firing" | "acknowledged" = "firing";
    const responses = [
      { priority: "p1", limit_seconds: 300, fired: 1, answered: 0, in_time: 0, median_seconds: null },
    ];
    vi.stubGlobal("fetch", async (request: Request) => {
      if (request.method === "POST") phase = "acknowledged";
      const one = alert({ phase });
      const board = { firing: [one], pending: [], evaluated_at: at(0), responses };
      const answer = request.url.endsWith("/alerts") ? board : { ...one, evidence: {}, events: [] };
      return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
    });
    const user = userEvent.setup();
    await show(<NowView />);
    expect(await screen.findByText("to be answered within 5 min")).toBeVisible();
    (await screen.findByRole("button", { name: /^Acknowledge/ })).focus();
    await user.keyboard("{Enter}");
    await vi.waitFor(() => expect(screen.queryByRole("button", { name: /^Acknowledge/ })).toBeNull());
    expect(screen.getByRole("link", { name: "The database does not answer" })).toHaveFocus();
  });

  it("names what explains it by its title", () => {
    const rules = [{ id: "db_down", title: "The database does not answer" }];
    expect(mutedWords(alert({ inhibited: "explained by db_down" }), rules)).toBe(
      "explained by “The database does not answer”",
    );
    expect(mutedWords(alert({ inhibited: "explained by other" }), rules)).toBe("explained by other");
  });

  it.each([
    ["the operations team", {}],
    ["the system administrator", { level: 2, role: "system_admin", told: null }],
    [
      "Ada Example for the system administrator",
      { role: "system_admin", gap: "There is no contact for it." },
    ],
    ["level 2", { level: 2, role: null, told: null }],
    [null, { told: [], gap: "There is nobody." }],
  ] as const)("says that a call went to %s", (callee, change) => {
    expect(calleeOf(call(change as Partial<AlertCall>))).toBe(callee);
  });
});

describe("the board", () => {
  const board = (firing = [alert()]) => ({ firing, pending: [], evaluated_at: at(0), responses: [] });

  it("keeps what is silent apart from what calls for somebody", async () => {
    const firing = [
      alert(),
      alert({ id: "a2", title: "A sync is late", silenced: "silenced until tomorrow" }),
    ];
    await show(<NowView />, (queries) => queries.setQueryData(operationsKeys.board, board(firing)));
    const silent = await screen.findByRole("region", { name: "Silent" });
    expect(within(silent).getByText("A sync is late")).toBeVisible();
    expect(within(silent).getByText("silenced until tomorrow")).toBeVisible();
    expect(within(screen.getByRole("region", { name: "P1" })).queryByText("A sync is late")).toBeNull();
  });

  it("does not call an unevaluated board good", async () => {
    const unknown = { ...board([]), evaluated_at: null };
    await show(<NowView />, (queries) => queries.setQueryData(operationsKeys.board, unknown));
    expect(await screen.findByText(/this is not known to be good/)).toBeVisible();
  });
});

describe("resolving", () => {
  it("wants to know why", async () => {
    const bodies: unknown[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      bodies.push(await request.json());
      return new Response(JSON.stringify({ ...alert(), evidence: {}, events: [] }), {
        headers: { "Content-Type": "application/json" },
      });
    });
    const user = userEvent.setup();
    await show(<ResolveDialog alert={alert()} onClose={() => undefined} />);
    const send = await screen.findByRole("button", { name: "Resolve the alert" });
    expect(send).toBeDisabled();
    await user.type(screen.getByLabelText("Why is it over?"), "The disk was replaced.");
    await user.click(send);
    await vi.waitFor(() => expect(bodies).toEqual([{ words: "The disk was replaced." }]));
  });
});

describe("planning maintenance", () => {
  const rule = (id: string, usual: boolean) => ({ ...rules, id, title: id, silent_in_maintenance: usual });
  const rules = {
    kind: "system_down" as const,
    priorities: [],
    condition: "",
    over: "",
    what_to_do: "",
    runbook: "",
  };

  it("proposes the rules that the server names", async () => {
    const bodies: { rules: string[] }[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      bodies.push((await request.json()) as { rules: string[] });
      return Response.json({ starts_at: at(10) });
    });
    const user = userEvent.setup();
    await show(<MaintenanceDialog onClose={() => undefined} />, (queries) =>
      queries.setQueryData(operationsKeys.rules, [rule("db_down", true), rule("security_breach", false)]),
    );
    await user.type(await screen.findByLabelText("What is done"), "New disk");
    await user.click(screen.getByRole("button", { name: "Plan it" }));
    await vi.waitFor(() => expect(bodies.map((body) => body.rules)).toEqual([["db_down"]]));
  });

  it("silences nothing unseen: without the rules nothing can be planned", async () => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 500 }));
    await show(<MaintenanceDialog onClose={() => undefined} />);
    expect(await screen.findByRole("alert")).toBeVisible();
    expect(screen.getByRole("button", { name: "Plan it" })).toBeDisabled();
  });
});

describe("silences", () => {
  it("offers ends as the wall clock of the person's zone shows them", () => {
    expect(quickEnds(NOW, "America/New_York").map(({ until }) => until)).toEqual([
      "2026-03-02T10:00",
      "2026-03-02T13:00",
      "2026-03-03T08:00",
      // A week ahead the clock has been put forward.
      "2026-03-09T09:59",
    ]);
  });

  it("shows of the evidence what the page does not say elsewhere", () => {
    expect(evidenceOf({ words: "x", reason: "disk" })).toEqual([["reason", "disk"]]);
  });
});
