import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { formWords } from "@/components/FormRing";
import { boardOf, onBoardKey, WeekBoard } from "@/features/work/WeekBoard";
import { card, week } from "./data";
import { show } from "./render";

const monday = card(1, { store: "5154", date: "2025-06-30" });
const today = card(2, {
  due_date: "2025-07-01",
  due_state: "before_visit",
  missing: true,
  facts: [{ kind: "priority", label: "Priority 3", start: null, end: null }],
  forms: { verified: 3, wanted: 8, needs_person: 0 },
});
const unknown = card(3, { store: "118", dispensers: null, visit_id: null });
const shown = week("2025-06-30", { "2025-06-30": [monday], "2025-07-02": [today, unknown] });

const board = (
  // biome-ignore lint/a11y/noStaticElementInteractions: the page's own wrapper in small
  <div onKeyDown={onBoardKey(boardOf([shown]))}>
    <WeekBoard week={shown} />
  </div>
);

describe("the week board", () => {
  it("says of each visit what the day needs", async () => {
    await show(board);
    const link = await screen.findByRole("link", { name: /Wawa #5106/ });
    expect(link).toHaveAttribute("href", "/visits/2002");
    expect(link).toHaveTextContent("3/8 forms");
    expect(link).toHaveTextContent("Priority 3");
    expect(link).toHaveTextContent("Due 1 Jul, before the visit");
    expect(link).toHaveTextContent("Not in the newest list");
  });

  it("never shows an unknown number as a number, and leads to the order where no visit exists", async () => {
    await show(board);
    const link = await screen.findByRole("link", { name: /#118/ });
    expect(link).toHaveTextContent("? disp");
    expect(link).toHaveAttribute("href", "/work-orders/3");
  });

  it("marks today and names free days", async () => {
    await show(board);
    expect(await screen.findByText("today")).toBeVisible();
    expect(screen.getAllByText("Free day")).toHaveLength(2);
    expect(screen.getAllByText("–")).toHaveLength(1);
  });

  it("moves by arrow keys and opens by Enter", async () => {
    const user = userEvent.setup();
    const { router } = await show(board);
    (await screen.findByRole("link", { name: /#5154/ })).focus();
    await user.keyboard("{ArrowRight}");
    expect(screen.getByRole("link", { name: /#5106/ })).toHaveFocus();
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("link", { name: /#118/ })).toHaveFocus();
    await user.keyboard("{ArrowLeft}{Enter}");
    expect(router.state.location.pathname).toBe("/visits/2001");
  });
});

describe("the form ring", () => {
  it("says it in words, unknown not as zero", () => {
    expect(formWords(null).words).toBe("Forms not planned");
    expect(formWords({ verified: 0, wanted: null, needs_person: 0 }).words).toBe("Forms not planned");
    expect(formWords({ verified: 8, wanted: 8, needs_person: 0 })).toMatchObject({
      tone: "done",
      figure: "8/8",
    });
    expect(formWords({ verified: 7, wanted: 8, needs_person: 1 })).toMatchObject({
      tone: "person",
      words: "1 needs you",
    });
  });
});
