import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { changesOf, figureLines, stepsOf, textsOf, usualNext } from "@/features/incidents/incident";
import MessageDialog from "@/features/incidents/MessageDialog";
import MoveDialog from "@/features/incidents/MoveDialog";
import { filled } from "@/features/incidents/messages";
import { incident, NOW } from "./operationsData";
import { show } from "./render";

describe("the steps of an incident", () => {
  it("tell what was passed from what was left out", () => {
    const timeline = [
      {
        id: 1,
        at: "",
        kind: "status" as const,
        actor: "a",
        text: "acknowledged → recovering: restart",
        data: {},
      },
    ];
    const looks = stepsOf(incident({ status: "resolved", timeline }));
    expect(Object.fromEntries(looks.map(({ status, look }) => [status, look]))).toEqual({
      detected: "passed",
      declared: "passed",
      acknowledged: "passed",
      contained: "skipped",
      investigating: "skipped",
      recovering: "passed",
      resolved: "now",
      reviewed: "ahead",
      closed: "passed",
    });
  });

  it("offer the next one first, and no end as if it were one", () => {
    expect(usualNext(["contained", "resolved", "false_positive"])).toBe("contained");
    expect(usualNext(["false_positive", "merged"])).toBeNull();
  });
});

describe("its figures", () => {
  it("count up while it is open, and say what was missed", () => {
    const open = incident({
      status: "declared",
      priority: "p1",
      detected_at: new Date(NOW - 600_000).toISOString(),
      figures: {
        to_detect: 30,
        to_acknowledge: null,
        to_contain: null,
        to_recover: null,
        response_met: false,
        recovery_met: null,
      },
    });
    expect(figureLines(open, NOW)).toEqual([
      { name: "To detect", words: "30 s", aim: "", tone: "idle" },
      { name: "To acknowledge", words: "10 min so far", aim: "within 5 min", tone: "bad" },
      { name: "To contain", words: "not said", aim: "", tone: "idle" },
      { name: "To recover", words: "10 min so far", aim: "within 15 min", tone: "busy" },
    ]);
  });
});

describe("editing", () => {
  it("sends only what was changed", () => {
    const before = textsOf(incident({ root_cause: "A disk." }));
    expect(changesOf(before, before)).toEqual({});
    expect(changesOf(before, { ...before, whys: ["It was old.", " "], lessons: "Watch it." })).toEqual({
      whys: ["It was old."],
      lessons: "Watch it.",
    });
  });
});

const template = {
  id: "status_update",
  title: "Status update",
  audience: "team",
  subject: "[{priority}] {title}",
  body: "Since: {done}\nNow: {doing}",
  fields: ["priority", "title", "done", "doing"],
};

describe("messages", () => {
  it("name in their place what is missing", () => {
    expect(filled("[{priority}] since: {done}", { priority: "P1", done: " " })).toEqual([
      { text: "[", missing: false },
      { text: "P1", missing: false },
      { text: "] since: ", missing: false },
      { text: "done so far", missing: true },
    ]);
  });

  it("come with what the incident knows, and show a missing field beside it", async () => {
    vi.stubGlobal("fetch", async () => {
      const problem = {
        type: "urn:x",
        title: "Invalid",
        status: 422,
        code: "invalid",
        kind: "business",
        detail: "The message lacks done.",
        action: "Fill in every field.",
        reference: "r",
        errors: [{ field: "fields.done", message: "This is needed." }],
      };
      return new Response(JSON.stringify(problem), {
        status: 422,
        headers: { "Content-Type": "application/problem+json" },
      });
    });
    const user = userEvent.setup();
    const known = incident({ message_fields: { priority: "P1", title: "Nobody can sign in" } });
    await show(<MessageDialog incident={known} onClose={() => undefined} />, (queries) =>
      queries.setQueryData(["incident-templates"], [template]),
    );
    expect(await screen.findByLabelText("Priority")).toHaveValue("P1");
    expect(screen.getByRole("region", { name: "Preview" })).toHaveTextContent("[P1] Nobody can sign in");
    await user.click(screen.getByRole("button", { name: "Keep the message" }));
    expect(await screen.findByText("Say it, or that it is not known.")).toBeVisible();
    expect(screen.getByLabelText("Done so far")).toHaveAttribute("aria-invalid", "true");
    expect(screen.getByLabelText("What is done now")).not.toHaveAttribute("aria-invalid", "true");
  });
});

describe("closing", () => {
  it("says what is missing instead of asking in vain", async () => {
    const lacking = incident({ status: "resolved", missing_to_close: ["the root cause", "the review"] });
    await show(<MoveDialog incident={lacking} to="closed" onClose={() => undefined} />);
    expect(await screen.findByText("the root cause")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Cancel" })).toBeNull();
    expect(screen.getByRole("button", { name: "Back" })).toBeVisible();
  });
});
