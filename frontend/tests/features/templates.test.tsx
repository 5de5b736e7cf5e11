import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { TemplateChange } from "@/api/types";
import {
  addRow,
  changeOf,
  changeRow,
  draftOf,
  isDirty,
  MOST_READINGS,
  moveRow,
  removeRow,
  rowErrors,
} from "@/features/templates/edit";
import TemplateEditor from "@/features/templates/TemplateEditor";
import { errorAt } from "@/lib/problems";
import { reading } from "./data";
import { show } from "./render";

const kept: TemplateChange = {
  metered: [reading(), reading({ procedure: "Retest", start: null, end: ".0001" })],
  blended: [reading()],
  later_blends: [],
};

describe("a template's draft", () => {
  it("comes back as it was", () => {
    const draft = draftOf(kept);
    expect(changeOf(draft)).toEqual(kept);
    expect(isDirty(draft, kept)).toBe(false);
  });

  it("takes an emptied figure as left to the technician", () => {
    const draft = draftOf(kept);
    const row = draft.metered[0];
    if (row === undefined) throw new Error("no row");
    const next = changeRow(draft, "metered", row.id, { figures: { ...row.figures, start: " ", gpm: " 3 " } });
    expect(changeOf(next).metered[0]).toMatchObject({ start: null, gpm: "3" });
    expect(isDirty(next, kept)).toBe(true);
    expect(draft.metered[0]?.figures.start).toBe("0");
  });

  it("adds, moves and removes rows, and stops at the limit", () => {
    let draft = addRow(draftOf(kept), "later_blends", "First Run");
    expect(changeOf(draft).later_blends).toEqual([reading({ procedure: "First Run", start: null })]);
    const [first, second] = draft.metered;
    if (first === undefined || second === undefined) throw new Error("no rows");
    draft = moveRow(draft, "metered", second.id, -1);
    expect(draft.metered.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(moveRow(draft, "metered", second.id, -1)).toBe(draft);
    expect(removeRow(draft, "metered", first.id).metered).toHaveLength(1);
    for (let times = 0; times < 20; times++) draft = addRow(draft, "blended", "Retest");
    expect(draft.blended).toHaveLength(MOST_READINGS);
  });

  it("finds the server's words about a field", () => {
    const errors = { "metered.1.start": "not a figure", "blended.0.gpm.x": "too long" };
    expect(errorAt(errors, "metered.1.start")).toBe("not a figure");
    expect(errorAt(errors, "blended.0.gpm")).toBe("too long");
    expect(errorAt(errors, "metered.1.end")).toBeUndefined();
    expect(errorAt(errors, "metered.10.start")).toBeUndefined();
    expect(rowErrors(errors, "metered.1")).toEqual([
      "Start: a number such as 0, 3 or .0001, or nothing to leave it to yourself.",
    ]);
    expect(rowErrors(errors, "metered.2")).toEqual([]);
  });
});

describe("the editor", () => {
  const view = {
    template: { station: "wawa" as const, ...kept },
    name: "Wawa",
    own: true,
  };
  const editor = (onClose = vi.fn()) => (
    <TemplateEditor view={view} procedures={["Wet Down", "First Run", "Retest"]} onClose={onClose} />
  );

  it("shows what the server refuses at its field", async () => {
    vi.stubGlobal(
      "fetch",
      async () =>
        new Response(
          JSON.stringify({
            type: "about:blank",
            title: "Some values do not fit",
            status: 422,
            code: "invalid",
            kind: "business",
            detail: "1 field does not fit.",
            action: "",
            reference: "r",
            errors: [{ field: "metered.0.start", message: "String should match a figure" }],
          }),
          { status: 422, headers: { "Content-Type": "application/problem+json" } },
        ),
    );
    const user = userEvent.setup();
    await show(editor());
    const field = await screen.findByRole("textbox", { name: "Metered grades, reading 1: Start" });
    const save = screen.getByRole("button", { name: "Save readings" });
    expect(save).toBeDisabled();
    await user.clear(field);
    await user.type(field, "abc");
    expect(screen.getByText("Not saved yet")).toBeVisible();
    await user.click(save);
    expect(await screen.findByText(/^Start: a number such as 0/)).toBeVisible();
    expect(field).toBeInvalid();
    expect(field).toHaveAccessibleDescription(/^Start: a number/);
  });

  it("asks before it loses what was changed", async () => {
    const onClose = vi.fn();
    const user = userEvent.setup();
    await show(editor(onClose));
    const table = await screen.findByRole("table", { name: "Metered grades" });
    await user.click(within(table).getByRole("button", { name: "Remove Metered grades, reading 2" }));
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    expect(onClose).not.toHaveBeenCalled();
    await user.click(await screen.findByRole("button", { name: "Leave without saving" }));
    expect(onClose).toHaveBeenCalled();
  });

  it("closes at once when nothing was changed", async () => {
    const onClose = vi.fn();
    const user = userEvent.setup();
    await show(editor(onClose));
    await user.click(await screen.findByRole("button", { name: "Cancel" }));
    expect(onClose).toHaveBeenCalled();
  });
});
