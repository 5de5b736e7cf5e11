import { screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { operationsKeys } from "@/api/operations";
import type { AlertCall, ComponentView, Health } from "@/api/types";
import { BudgetBar } from "@/features/operations/BudgetBar";
import { HealthTree } from "@/features/operations/HealthTree";
import { backupPart, healthGroups } from "@/features/operations/health";
import { OverviewPage } from "@/features/operations/OverviewPage";
import { budgetLook, burnNow } from "@/features/operations/objectives";
import { ProbeBar } from "@/features/operations/ProbeBar";
import { probeRuns, probeTotals } from "@/features/operations/probes";
import { type Situation, statusSentence } from "@/features/operations/status";
import { alert, call, health, incidentItem, NOW, slo } from "./operationsData";
import { show } from "./render";

const just = new Date(NOW - 5_000).toISOString();
const backup: ComponentView = {
  name: "backup",
  part_of: "safety",
  critical: false,
  status: "ok",
  words: "12 h old",
  milliseconds: 1,
  data: {},
};
const withBackup = (known: Health): Health => ({ ...known, components: [...known.components, backup] });
const calm: Situation = {
  health: withBackup(health()),
  alerts: { firing: [], evaluated_at: just },
  incidents: { items: [incidentItem()] },
  slo: { items: [slo()], unreadable: [] },
  old: {},
  answers: true,
  lastAnswerAt: NOW,
};
const said = (change: Partial<Situation> = {}) => statusSentence({ ...calm, ...change }, NOW);

describe("the status sentence", () => {
  it("says that all is good, and when it last was not", () => {
    expect(said()).toMatchObject({ tone: "ok", sentence: "All good. Last incident 12 days ago." });
    expect(said({ incidents: { items: [] } }).sentence).toBe("All good. No incident is on record.");
  });

  it("does not count a false alarm as an incident", () => {
    const items = [incidentItem({ status: "false_positive", recovered_at: null }), incidentItem()];
    expect(said({ incidents: { items } }).sentence).toBe("All good. Last incident 12 days ago.");
  });

  it("names the worst alert, for how long it fires, and who was called", () => {
    const firing = [
      alert({ id: "a2", priority: "p3", title: "A sync is late" }),
      alert({ calls: [call(), call({ level: 2, role: "system_admin" })] }),
    ];
    const status = said({ alerts: { firing, evaluated_at: just } });
    expect(status).toMatchObject({
      tone: "bad",
      sentence: "The database does not answer, for 3 min: P1, called the system administrator.",
    });
    expect(status.more).toContain("1 more alert fires.");
    expect(status.headline).not.toContain("3 min");
  });

  it("says when nobody was called, and when nobody could be", () => {
    const of = (...calls: AlertCall[]) =>
      said({ alerts: { firing: [alert({ calls })], evaluated_at: just } }).sentence;
    expect(of()).toContain("nobody called yet");
    const vain = call({ level: 3, role: "business_owner", told: [], gap: "There is nobody." });
    expect(of(call(), vain)).toContain("no business owner to call");
  });

  it("names who looks after it", () => {
    const firing = [
      alert({ phase: "acknowledged", acknowledged_at: just, acknowledged_by: "ada@example.com" }),
    ];
    expect(said({ alerts: { firing, evaluated_at: just } }).sentence).toContain(
      "P1, ada@example.com looks after it.",
    );
  });

  it("is not calmed by a silence: it says that one is in force", () => {
    const firing = [alert({ silenced: "silenced until tomorrow" })];
    const status = said({ alerts: { firing, evaluated_at: just } });
    expect(status.sentence).toContain("All good");
    expect(status.more[0]).toBe("1 alert is silenced or explained by another.");
  });

  it.each([
    [
      "nobody has evaluated the alerts",
      { alerts: { firing: [], evaluated_at: null } },
      "unknown",
      /not been evaluated/,
    ],
    [
      "nobody evaluates them any more",
      { alerts: { firing: [], evaluated_at: new Date(NOW - 300_000).toISOString() } },
      "bad",
      /^Nobody has evaluated the alerts for 5 min/,
    ],
    ["a part is degraded", { health: health({ watcher: "degraded" }) }, "warn", /watcher is degraded/],
    [
      "a part cannot be checked",
      { health: health({ database: "unknown" }, "unknown") },
      "unknown",
      /could not be checked/,
    ],
    [
      "an incident is open",
      { incidents: { items: [incidentItem({ status: "contained" })] } },
      "warn",
      /still open/,
    ],
    ["the objectives cannot be read", { slo: undefined }, "unknown", /the service levels could not be read/],
    [
      "one objective cannot be read",
      { slo: { items: [], unreadable: ["recovery"] } },
      "unknown",
      /could not be read/,
    ],
    [
      "a promise is broken",
      { slo: { items: [slo({ verdict: "breached" })], unreadable: [] } },
      "warn",
      /is broken/,
    ],
  ] as [string, Partial<Situation>, string, RegExp][])("is not good when %s", (_, change, tone, words) => {
    const status = said(change);
    expect(status.tone).toBe(tone);
    expect(status.sentence).toMatch(words);
  });

  it("does not say that no alert fires when the alerts could not be read", () => {
    const items = [incidentItem({ status: "declared", title: "The database does not answer" })];
    expect(said({ alerts: undefined, incidents: { items } })).toMatchObject({
      tone: "warn",
      sentence:
        "The alerts could not be read, and INC-20260218-001 is still open: The database does not answer.",
    });
    expect(said({ alerts: undefined, health: health({ database: "failed" }, "failed") })).toMatchObject({
      tone: "bad",
      sentence: "The alerts could not be read, and database is broken.",
    });
    expect(said({ alerts: undefined })).toMatchObject({
      tone: "unknown",
      sentence: "No trouble is known, but the alerts could not be read.",
      more: [],
    });
  });

  it("keeps to what fired last while the alerts cannot be read anew, and says how old that is", () => {
    const status = said({
      alerts: { firing: [alert()], evaluated_at: just },
      old: { alerts: NOW - 190_000 },
    });
    expect(status).toMatchObject({ tone: "bad", sentence: expect.stringMatching(/^The database does not/) });
    expect(status.more).toContain("What is known of the alerts is 3 min old.");
  });

  it("concludes nothing good from alerts that could not be read anew", () => {
    const status = said({
      alerts: { firing: [], evaluated_at: new Date(NOW - 300_000).toISOString() },
      old: { alerts: NOW - 300_000 },
    });
    expect(status).toMatchObject({
      tone: "unknown",
      sentence: "No trouble is known, but the alerts could not be read.",
    });
    expect(status.more).toEqual(["What is known of the alerts is 5 min old."]);
  });

  it("names besides an alert what could not be read", () => {
    const firing = { firing: [alert()], evaluated_at: just };
    expect(said({ alerts: firing, slo: undefined }).more).toContain("The service levels could not be read.");
  });

  it("names the parts as the tree below it does", () => {
    expect(said({ health: health({ auth: "failed" }, "failed") }).sentence).toContain("sign-in is broken");
  });

  it("says that there is no backup, and does not call that all good", () => {
    expect(said({ health: health() })).toMatchObject({
      sentence: "Everything works. Last incident 12 days ago.",
      more: expect.arrayContaining(["There is no backup."]),
    });
    expect(said().more).not.toContain("There is no backup.");
  });

  it("says for how long the server has not answered, whatever was known before", () => {
    const status = said({ answers: false, lastAnswerAt: NOW - 190_000 });
    expect(status).toMatchObject({ tone: "bad", sentence: "The server has not answered for 3 min." });
  });
});

describe("the page", () => {
  it("stays red when the alerts cannot be read any more", async () => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 500 }));
    const items = [incidentItem({ status: "declared" })];
    const { queries } = await show(<OverviewPage />, (cache) => {
      cache.setQueryData(operationsKeys.health, health());
      cache.setQueryData(operationsKeys.board, { firing: [alert()], pending: [], evaluated_at: just });
      cache.setQueryData([...operationsKeys.incidents, "latest"], { items });
      cache.setQueryData(operationsKeys.slo, { items: [], unreadable: [] });
      cache.setQueryData(operationsKeys.probes, { steps: [], step_seconds: 600 });
    });
    await queries.refetchQueries({ queryKey: operationsKeys.board });
    const status = screen.getByRole("region", { name: "Status" });
    await vi.waitFor(() => expect(status).toHaveTextContent(/What is known of the alerts is \d+ s old/));
    expect(status).toHaveTextContent("P1, nobody called yet");
    expect(status).toHaveAttribute("data-tone", "bad");
  });
});

describe("the age of what is shown", () => {
  it("is told beside a part that could not be renewed", async () => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 500 }));
    const { queries } = await show(<ProbeBar />, (cache) =>
      cache.setQueryData(operationsKeys.probes, { steps: [], step_seconds: 600 }),
    );
    expect(await screen.findByText(/nothing known/)).toBeVisible();
    expect(screen.queryByText(/not renewed/)).toBeNull();
    await queries.refetchQueries({ queryKey: operationsKeys.probes });
    expect(await screen.findByText(/^not renewed/)).toBeVisible();
  });
});

describe("the budget bar", () => {
  it("shows what is left", async () => {
    await show(<BudgetBar slo={slo()} />);
    expect(await screen.findByText("86 % left")).toBeVisible();
  });

  it("never looks good without data, whatever its few events say", async () => {
    expect(budgetLook(slo({ verdict: "no_data" }))).toMatchObject({ state: "unknown", fill: 0 });
    expect(budgetLook(slo({ budget: { ...slo().budget, left: null } })).state).toBe("unknown");
    const { container } = await show(<BudgetBar slo={slo({ verdict: "no_data" })} />);
    expect(await screen.findByText("no data")).toBeVisible();
    expect(container.querySelector("[data-state='unknown']")).not.toBeNull();
  });

  it("tells little from gone, and gone from overspent", () => {
    const left = (share: number) => budgetLook(slo({ budget: { ...slo().budget, left: share } }));
    expect(left(0.2)).toMatchObject({ state: "little", words: "20 % left" });
    expect(left(0)).toMatchObject({ state: "gone", words: "used up" });
    expect(left(-0.4)).toMatchObject({ state: "gone", fill: 1, words: "overspent by 40 %" });
  });

  it("knows the burn of the last hour, or that it is not known", () => {
    const tier = { tier: "fast", long_seconds: 3600, short_seconds: 300, factor: 14.4, short_rate: 20 };
    expect(burnNow([{ ...tier, long_rate: 15.2, firing: true }])).toEqual({ words: "15×", high: true });
    expect(burnNow([{ ...tier, long_rate: null, firing: false }])).toEqual({ words: "no data", high: false });
  });
});

describe("the probe strip", () => {
  const step = (minute: number, good: number, bad = 0, maintenance = 0) => ({
    at: new Date(NOW + minute * 60_000).toISOString(),
    good,
    bad,
    maintenance,
  });

  it("takes a step without probes for unknown, and one bad probe for bad", () => {
    const steps = [step(0, 20), step(10, 20), step(20, 0), step(30, 19, 1), step(40, 0, 0, 20)];
    const runs = probeRuns(steps, 600);
    expect(runs.map((run) => [run.state, run.steps])).toEqual([
      ["good", 2],
      ["unknown", 1],
      ["bad", 1],
      ["maintenance", 1],
    ]);
    expect(probeTotals(runs)).toEqual({ good: 59, bad: 1, maintenance: 20, unknown: 0.2 });
  });

  it("knows nothing where there is nothing", () => {
    expect(probeTotals(probeRuns([], 600)).unknown).toBe(1);
  });
});

describe("the health tree", () => {
  it("groups the parts as the server does", () => {
    expect(healthGroups(health().components).map((group) => group.title)).toEqual([
      "Server",
      "Work at the portal",
      "Safety net",
    ]);
  });

  it("says honestly that there is no backup while the server has no word of one", async () => {
    expect(backupPart(health().components)).toBeNull();
    await show(<HealthTree />, (queries) => queries.setQueryData(operationsKeys.health, health()));
    expect(await screen.findByText("No backup")).toBeVisible();
    expect(screen.getByText(/Backups are not part of this version/)).toBeVisible();
  });

  it("says in words what is not well", async () => {
    const ill = health({ sync: "failed", watcher: "unknown" });
    await show(<HealthTree />, (queries) => queries.setQueryData(operationsKeys.health, ill));
    expect(await screen.findByText(/broken: words of sync/)).toBeVisible();
    expect(screen.getByText(/not known: words of watcher/)).toBeVisible();
  });
});
