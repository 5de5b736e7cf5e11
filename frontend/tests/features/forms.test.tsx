import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import { PlanView } from "@/features/forms/PlanView";
import { ReadingPortal } from "@/features/forms/ReadingPortal";
import { RunTable } from "@/features/forms/RunTable";
import { form, group, plan, provers, run, runForm } from "./data";
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
    instructions: "Calibrate #3/4 and #19.",
    marks: [{ dispenser: "3/4", start: 10, end: 14 }],
    unresolved: [{ text: "#19", why: "No dispenser has the number 19.", start: 19, end: 22 }],
  });
  const view = (onStarted = vi.fn()) => (
    <PlanView plan={mixed} columns={["Regular", "Plus"]} onRead={() => undefined} onStarted={onStarted} />
  );

  it("shows warnings with what to do, and what was not understood", async () => {
    await show(view(), seed);
    expect(await screen.findByText("This is day 1 of 2.")).toBeVisible();
    expect(screen.getByText("Compare with the other day.")).toBeVisible();
    const list = screen.getByRole("list", { name: "Not understood in the instructions" });
    expect(within(list).getByText(/No dispenser has the number 19/)).toBeVisible();
    expect(screen.getByTitle("Orders 3/4")).toHaveTextContent("#3/4");
    expect(screen.getByTitle("No dispenser has the number 19.")).toHaveTextContent("#19");
  });

  it("lets a person change only what will be written", async () => {
    await show(view(), seed);
    expect(await screen.findByRole("button", { name: /Plus on 3\/4: blended/ })).toBeEnabled();
    expect(screen.queryByRole("button", { name: /on 1\/2: / })).toBeNull();
    expect(screen.queryByLabelText("Prover for Regular on 5/6")).toBeNull();
    const row = screen.getByRole("rowheader", { name: "5/6" }).closest("tr");
    expect(within(row as HTMLElement).getByText("Needs you")).toBeVisible();
  });

  /** A server that plans with the choices and starts runs; remembers what it was sent. */
  function answering(planned = mixed) {
    const sent: { path: string; body: unknown }[] = [];
    vi.stubGlobal("fetch", async (request: Request) => {
      const { pathname } = new URL(request.url);
      sent.push({ path: pathname, body: request.method === "POST" ? await request.clone().json() : null });
      const answer = pathname.endsWith("/plan")
        ? planned
        : pathname.endsWith("/runs")
          ? run([], { id: "run-9" })
          : { items: [], procedures: [] };
      return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
    });
    return sent;
  }

  it("starts exactly the plan shown, with the person's choices", async () => {
    const sent = answering();
    const onStarted = vi.fn();
    const user = userEvent.setup();
    await show(view(onStarted), seed);
    await user.click(await screen.findByRole("button", { name: /Plus on 3\/4: blended/ }));
    await user.selectOptions(screen.getByLabelText("Prover for Regular on 3/4"), "P-B");
    expect(screen.getByText(/2 changed by you/)).toBeVisible();
    const start = screen.getByRole("button", { name: "Prepare 1 form" });
    await vi.waitFor(() => expect(start).toBeEnabled());
    await user.click(start);
    await vi.waitFor(() => expect(onStarted).toHaveBeenCalledWith("run-9"));
    const choices = {
      grades: [
        { dispenser: "3/4", grade: "Plus", metered: true, prover_id: null },
        { dispenser: "3/4", grade: "Regular", metered: null, prover_id: "P-B" },
      ],
      stations: [],
      dispensers: null,
      readings: null,
    };
    expect(sent.filter(({ path }) => path.endsWith("/plan")).at(-1)?.body).toEqual(choices);
    expect(sent.find(({ path }) => path.endsWith("/runs"))?.body).toEqual({ digest: mixed.digest, choices });
  });

  it("cannot be started before a question is answered, and shows the plan of the answer", async () => {
    const question = { code: "one_asset", message: "One asset, several orders?", start: null, end: null };
    const asking = plan([], {
      questions: [question],
      marks: [{ dispenser: "3/4", start: 0, end: 4 }],
      instructions: "#3/4",
      dispensers: ["1/2", "3/4"],
      can_run: false,
    });
    const sent = answering({ ...asking, ...plan([form("3/4", "create")]), dispensers: ["1/2", "3/4"] });
    const user = userEvent.setup();
    await show(
      <PlanView plan={asking} columns={[]} onRead={() => undefined} onStarted={() => undefined} />,
      seed,
    );
    expect(await screen.findByRole("button", { name: "Answer the question first" })).toBeDisabled();
    expect(screen.getByText("One asset, several orders?")).toBeVisible();
    // What the words name is the proposal.
    expect(screen.getByRole("checkbox", { name: "3/4" })).toBeChecked();
    expect(screen.getByRole("checkbox", { name: "1/2" })).not.toBeChecked();
    await user.click(screen.getByRole("button", { name: "Use 1 dispenser" }));
    await vi.waitFor(() => expect(screen.getByRole("button", { name: "Prepare 1 form" })).toBeEnabled());
    expect(sent.find(({ path }) => path.endsWith("/plan"))?.body).toMatchObject({ dispensers: ["3/4"] });
  });

  it("says in words that a station type is only assumed, and which readings it brings", async () => {
    const unsure = {
      ...form("3/4", "create"),
      station: {
        key: "gilbarco-500-700" as const,
        name: "Gilbarco 500/700",
        why: "The usual one is assumed.",
        certain: false,
      },
      readings: [group(3, "Regular"), group(4, "Regular")],
    };
    const user = userEvent.setup();
    await show(
      <PlanView plan={plan([unsure])} columns={[]} onRead={() => undefined} onStarted={() => undefined} />,
      seed,
    );
    expect(await screen.findByText("assumed, check it")).toBeVisible();
    expect(screen.getByText("side 3: 2 · side 4: 2")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Reasons and readings of dispenser 3/4" }));
    const table = screen.getByRole("table", { name: /Regular · sides 3 and 4/ });
    const cells = within(within(table).getAllByRole("row")[1] as HTMLElement).getAllByRole("cell");
    expect(cells.map((cell) => cell.textContent)).toEqual([
      "1",
      "Wet Down",
      "fast",
      "–left to you",
      "–left to you",
      "0",
      "–left to you",
      "–left to you",
    ]);
  });

  it("keeps the choices through a reload of the page", async () => {
    answering();
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
            readings: [],
            shots: [{ name: "grades", taken_at: "2025-07-02T10:00:00Z", kept: false }],
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
    expect(screen.getByText("picture no longer kept")).toBeVisible();
  });
});
