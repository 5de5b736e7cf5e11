import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import { PlanView } from "@/features/forms/PlanView";
import { ReadingPortal } from "@/features/forms/ReadingPortal";
import { RunTable } from "@/features/forms/RunTable";
import { form, plan, provers, run, runForm } from "./data";
import { show } from "./render";

const seed = (queries: import("@tanstack/react-query").QueryClient) =>
  queries.setQueryData(keys.provers, { items: provers, auto_position_ethanol_free: true, grade_choices: [] });

const step = (
  key: string,
  label: string,
  state: "waiting" | "written" | "verified" | "failed",
  found?: string,
) => ({
  key,
  label,
  state,
  wanted: "meter · 5 Gallon · P-A",
  found: found ?? null,
});

describe("the plan", () => {
  const mixed = plan([form("1/2", "done"), form("3/4", "create"), form("5/6", "ask")], {
    warnings: [{ code: "day_of", message: "This is day 1 of 2.", action: "Compare with the other day." }],
    unresolved: [{ text: "#19", why: "No dispenser has the number 19." }],
  });
  const view = (onStarted = vi.fn()) => (
    <PlanView plan={mixed} columns={["Regular", "Plus"]} onRead={() => undefined} onStarted={onStarted} />
  );

  it("shows warnings with what to do, and what was not understood", async () => {
    await show(view(), seed);
    expect(await screen.findByText("This is day 1 of 2.")).toBeVisible();
    expect(screen.getByText("Compare with the other day.")).toBeVisible();
    expect(screen.getByText("No dispenser has the number 19.", { exact: false })).toBeVisible();
  });

  it("lets a person change only what will be written", async () => {
    await show(view(), seed);
    expect(await screen.findByRole("button", { name: /Plus on 3\/4: blended/ })).toBeEnabled();
    expect(screen.queryByRole("button", { name: /on 1\/2: / })).toBeNull();
    expect(screen.queryByLabelText("Prover for Regular on 5/6")).toBeNull();
    const row = screen.getByRole("rowheader", { name: "5/6" }).closest("tr");
    expect(within(row as HTMLElement).getByText("Needs you")).toBeVisible();
  });

  it("starts exactly the plan shown, with the person's choices", async () => {
    const sent: Request[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      sent.push(request.clone());
      return new Response(JSON.stringify(run([], { id: "run-9" })), {
        status: 202,
        headers: { "Content-Type": "application/json" },
      });
    });
    const onStarted = vi.fn();
    const user = userEvent.setup();
    await show(view(onStarted), seed);
    await user.click(await screen.findByRole("button", { name: /Plus on 3\/4: blended/ }));
    await user.selectOptions(screen.getByLabelText("Prover for Regular on 3/4"), "P-B");
    expect(screen.getByText(/2 changed by you/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Prepare 1 form" }));
    await vi.waitFor(() => expect(onStarted).toHaveBeenCalledWith("run-9"));
    expect(await sent[0]?.json()).toEqual({
      digest: mixed.digest,
      choices: [
        { dispenser: "3/4", grade: "Plus", metered: true, prover_id: null },
        { dispenser: "3/4", grade: "Regular", metered: null, prover_id: "P-B" },
      ],
    });
  });

  it("keeps the choices through a reload of the page", async () => {
    const user = userEvent.setup();
    const first = await show(view(), seed);
    await user.click(await screen.findByRole("button", { name: /Plus on 3\/4: blended/ }));
    first.unmount();
    await show(view(), seed);
    expect(await screen.findByRole("button", { name: /Plus on 3\/4: own meter/ })).toBeVisible();
  });

  it("cannot be started when there is nothing to do", async () => {
    const done = plan([form("1/2", "done")]);
    await show(
      <PlanView plan={done} columns={[]} onRead={() => undefined} onStarted={() => undefined} />,
      seed,
    );
    expect(await screen.findByRole("button", { name: "Nothing to prepare" })).toBeDisabled();
  });
});

describe("reading the portal", () => {
  it("shows the sentences of the server, the newest under way", async () => {
    const phase = (id: number, message: string) => ({
      id,
      at: "2025-07-02T10:00:00Z",
      job_kind: "visit_check" as const,
      job_id: "c",
      type: "phase",
      message,
      data: {},
    });
    await show(
      <ReadingPortal events={[phase(1, "Opening the portal"), phase(2, "Reading the visit's forms")]} />,
    );
    const items = within(await screen.findByRole("list", { name: "Phases" })).getAllByRole("listitem");
    expect(items.map((item) => item.textContent)).toEqual([
      "Opening the portaldone",
      "Reading the visit's formsunder way",
    ]);
  });
});

describe("a run", () => {
  const steps = [
    step("equipment", "Dispenser and prover size", "verified"),
    step("grade:0", "Regular", "written"),
  ];

  it("fills in step by step while it runs", async () => {
    await show(<RunTable run={run([runForm(0, "1/2", { running: true, steps })])} columns={[]} live />, seed);
    expect(await screen.findByText("Working")).toBeVisible();
    expect(screen.getByText("read back")).toBeVisible();
    expect(screen.getByText("written")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Evidence/ })).toBeNull();
  });

  it("shows what needs a person first, with the evidence", async () => {
    const user = userEvent.setup();
    const finished = run(
      [
        runForm(0, "1/2", { verdict: "verified", steps }),
        runForm(1, "3/4", {
          verdict: "needs_human",
          reason: "Regular differs.",
          what_to_do: "Set it in the portal.",
          steps: [step("grade:0", "Regular", "failed", "no meter · 5 Gallon · P-A")],
          evidence: {
            read_at: "2025-07-02T10:00:00Z",
            equipment: "3/4",
            prover_size: "5 Gallon",
            badge: null,
            grades: [{ grade: "Regular", has_meter: false, fill: "5 Gallon", prover: "P-A" }],
          },
        }),
      ],
      { state: "finished" },
    );
    await show(<RunTable run={finished} columns={[]} live={false} />, seed);
    const labels = (await screen.findAllByRole("rowheader")).map((cell) => cell.textContent);
    expect(labels).toEqual(["3/4", "1/2"]);
    expect(screen.getByText("Set it in the portal.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Evidence for dispenser 3/4" }));
    expect(screen.getByText("no meter · 5 Gallon · P-A")).toBeVisible();
    expect(screen.getByRole("columnheader", { name: "Read back" })).toBeVisible();
  });
});
