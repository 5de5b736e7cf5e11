import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import { Steering } from "@/components/Steering";
import { dayGroups, move } from "@/features/batches/newBatch";
import { OrderVisits } from "@/features/batches/OrderVisits";
import { Tracker } from "@/features/batches/Tracker";
import { feedForTest } from "@/lib/jobs";
import { batch, batchVisit, card, run, runForm, step, week } from "./data";
import { show } from "./render";

/** A server that answers every request with one batch; remembers the paths it was asked. */
function answering(answer: unknown) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(new URL(request.url).pathname);
    return new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json" } });
  });
  return asked;
}

const several = batch([batchVisit(0, { state: "running" }), batchVisit(1), batchVisit(2)]);

describe("steering", () => {
  const steering = (of = several) => <Steering batch={of} />;

  it("pauses at once, and offers to resume what is paused", async () => {
    const asked = answering({ ...several, state: "pausing" });
    const user = userEvent.setup();
    const first = await show(steering());
    await user.click(await screen.findByRole("button", { name: "Pause" }));
    await vi.waitFor(() => expect(asked).toEqual(["/api/batches/batch-1/pause"]));
    first.unmount();
    await show(steering({ ...several, state: "paused" }));
    await user.click(await screen.findByRole("button", { name: "Resume" }));
    await vi.waitFor(() => expect(asked.at(-1)).toBe("/api/batches/batch-1/resume"));
  });

  it("asks once before it stops several visits, and says what will not be finished", async () => {
    const asked = answering({ ...several, state: "stopping" });
    const user = userEvent.setup();
    await show(steering());
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    expect(await screen.findByText(/3 visits of “Week of Mon 30 Jun” will not be finished/)).toBeVisible();
    expect(asked).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Stop the batch" }));
    await vi.waitFor(() => expect(asked).toEqual(["/api/batches/batch-1/stop"]));
  });

  it("stops a single visit without asking, and has nothing to skip there", async () => {
    const asked = answering(several);
    const user = userEvent.setup();
    await show(steering(batch([batchVisit(0, { state: "running" })])));
    await user.click(await screen.findByRole("button", { name: "Stop" }));
    await vi.waitFor(() => expect(asked).toEqual(["/api/batches/batch-1/stop"]));
    expect(screen.queryByRole("button", { name: "Skip" })).toBeNull();
  });
});

describe("the order of a new batch", () => {
  const groups = dayGroups(
    [week("2025-06-30", { "2025-07-02": [card(1, { store: "11" }), card(2, { store: "22" })] })],
    "2025-07-02",
  );

  function Ordered() {
    const all = groups.flatMap((group) => group.visits);
    const [order, setOrder] = useState(all.map((visit) => visit.visitId));
    const visits = order.flatMap((id) => all.find((visit) => visit.visitId === id) ?? []);
    return (
      <OrderVisits
        visits={visits}
        onMove={(id, by) => setOrder(move(order, id, by))}
        onRemove={() => undefined}
      />
    );
  }

  it("is changed by the keyboard, and the focus goes with the visit", async () => {
    const user = userEvent.setup();
    await show(<Ordered />);
    const stores = () => screen.getAllByRole("listitem").map((item) => /#\d+/.exec(item.textContent)?.[0]);
    (await screen.findByRole("button", { name: "Move #22 up" })).focus();
    expect(stores()).toEqual(["#11", "#22"]);
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(stores()).toEqual(["#22", "#11"]);
    expect(screen.getByText("#22 is now 1 of 2")).toBeInTheDocument();
    // At the top there is no further up: the focus stays with the visit, on the way down.
    expect(screen.getByRole("button", { name: "Move #22 down" })).toHaveFocus();
    expect(screen.getByRole("button", { name: "Move #22 up" })).toBeDisabled();
  });
});

describe("the live tracker", () => {
  it("tells batch, visit, form and reading by the events", async () => {
    const steps = [
      step("grade:0", "Regular", "written"),
      step("readings:0", "Regular, side 1", "writing", "5: Wet Down, First Run, Retest"),
    ];
    const under = run(
      [runForm(0, "1/2", { verdict: "verified" }), runForm(1, "3/4", { running: true, steps })],
      {
        id: "run-7",
      },
    );
    const visits = [
      batchVisit(0, { state: "running", run_id: "run-7", forms: 2, verified: 1 }),
      batchVisit(1),
    ];
    await show(<Tracker batch={batch(visits, { eta_seconds: 90 })} />, (queries) =>
      queries.setQueryData(keys.run("run-7"), under),
    );
    const tracker = await screen.findByRole("article", { name: "Batch Week of Mon 30 Jun" });
    expect(within(tracker).getByText(/about 1 min 30 s left · 2 visits · 1 of 2 forms proven/)).toBeVisible();
    expect(within(tracker).getByText("Visit 128700 at Wawa #5106")).toBeVisible();
    const forms = within(screen.getByRole("list", { name: "Forms of visit 128700" })).getAllByRole(
      "listitem",
    );
    expect(forms.map((one) => one.textContent)).toEqual(["1/2proven", "3/4under way"]);
    act(() =>
      feedForTest({
        id: 9,
        at: "2025-07-02T10:00:00Z",
        job_kind: "form_run",
        job_id: "run-7",
        type: "reading",
        message: "",
        data: { position: 1, key: "readings:0", state: "writing", reading: 3 },
      }),
    );
    expect(screen.getByText("Dispenser 3/4 · Regular, side 1: reading 3 of 5")).toBeVisible();
    expect(screen.getByText("2 of 5 readings")).toBeVisible();
  });
});
