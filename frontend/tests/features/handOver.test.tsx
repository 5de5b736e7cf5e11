import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it, vi } from "vitest";
import HandOverDialog from "@/features/oncall/HandOverDialog";
import { show } from "./render";

const note = (who: string) => ({
  at: "2026-03-02T14:00:00Z",
  text: `# Hand-over of 2026-03-02 14:00 UTC\n\n## On call\n\n- primary: ${who}\n\n## Silences\n\nNone.\n`,
});
const problem = {
  ...{ type: "about:blank", title: "Not available right now", status: 503, code: "unavailable" },
  ...{
    kind: "transient",
    detail: "The database is busy.",
    action: "Try again.",
    reference: "r-1",
    errors: [],
  },
};

function Page() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Open
      </button>
      {open && <HandOverDialog onClose={() => setOpen(false)} />}
    </>
  );
}

describe("the hand-over note", () => {
  it("is shown as of its moment, copied as Markdown, and made anew when it is opened again", async () => {
    const answers = [note("Ada"), note("Grace")];
    vi.stubGlobal("fetch", async () => Response.json(answers.shift()));
    const user = userEvent.setup();
    const { queries } = await show(<Page />);
    await user.click(await screen.findByRole("button", { name: "Open" }));
    const dialog = await screen.findByRole("dialog", { name: "Hand-over note" });
    expect(await within(dialog).findByText("primary: Ada")).toBeVisible();
    expect(within(dialog).getByRole("heading", { level: 3, name: "On call" })).toBeVisible();
    expect(within(dialog).getByText(/2 Mar, \d\d:00:00/)).toHaveAttribute("datetime", "2026-03-02T14:00:00Z");
    await user.click(within(dialog).getByRole("button", { name: "Copy" }));
    expect(await within(dialog).findByText("Copied as Markdown")).toBeVisible();
    expect(await navigator.clipboard.readText()).toBe(note("Ada").text);
    await user.click(within(dialog).getByText("Close"));
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await vi.waitFor(() => expect(queries.getQueryCache().getAll()).toEqual([]));
    await user.click(screen.getByRole("button", { name: "Open" }));
    expect(await screen.findByText("primary: Grace")).toBeVisible();
    expect(screen.queryByText("primary: Ada")).toBeNull();
  });

  it("says that it is being made, why it could not be, and tries again", async () => {
    let answer: (response: Response) => void = () => undefined;
    const fetch = vi.fn(() => new Promise<Response>((done) => (answer = done)));
    vi.stubGlobal("fetch", fetch);
    const user = userEvent.setup();
    await show(<HandOverDialog onClose={() => undefined} />);
    expect(await screen.findByText("Making the note")).toBeInTheDocument();
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(1));
    answer(Response.json(problem, { status: 503 }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The database is busy.");
    expect(screen.queryByRole("button", { name: "Copy" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await vi.waitFor(() => expect(fetch).toHaveBeenCalledTimes(2));
    answer(Response.json(note("Ada")));
    expect(await screen.findByText("primary: Ada")).toBeVisible();
  });

  it("is not silent when the browser does not let it be copied", async () => {
    vi.stubGlobal("fetch", async () => Response.json(note("Ada")));
    const user = userEvent.setup();
    vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("denied"));
    await show(<HandOverDialog onClose={() => undefined} />);
    await user.click(await screen.findByRole("button", { name: "Copy" }));
    expect(await screen.findByText(/did not let it be copied/)).toBeVisible();
  });
});
