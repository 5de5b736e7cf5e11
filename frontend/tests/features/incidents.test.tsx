import { useQuery } from "@tanstack/react-query";
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { incidentQuery, operationsKeys } from "@/api/operations";
import { Actions } from "@/features/incidents/Actions";
import EditDialog from "@/features/incidents/EditDialog";
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
        acknowledge_within: 300,
        recover_within: 900,
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

describe("what is to be done", () => {
  it("hands the focus to its text when it is done", async () => {
    const action = {
      id: "t1",
      text: "Watch the disk",
      owner: "ada@example.com",
      due: new Date(NOW).toISOString(),
      done_at: null,
      overdue: false,
    };
    const finished = incident({ actions: [{ ...action, done_at: new Date(NOW).toISOString() }] });
    vi.stubGlobal(
      "fetch",
      async () => new Response(JSON.stringify(finished), { headers: { "Content-Type": "application/json" } }),
    );
    const Page = () => {
      const { data } = useQuery(incidentQuery(finished.id));
      return <Actions incident={data as typeof finished} />;
    };
    const user = userEvent.setup();
    await show(<Page />, (queries) =>
      queries.setQueryData(operationsKeys.incident(finished.id), incident({ actions: [action] })),
    );
    (await screen.findByRole("button", { name: "Done: Watch the disk" })).focus();
    await user.keyboard("{Enter}");
    await vi.waitFor(() => expect(screen.queryByRole("button", { name: /^Done/ })).toBeNull());
    expect(screen.getByText("Watch the disk")).toHaveFocus();
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

describe("saving an edit", () => {
  const refused = (...errors: { field: string; message: string }[]) =>
    vi.stubGlobal("fetch", async () =>
      Response.json(
        {
          type: "urn:x",
          title: "Some values do not fit",
          status: 422,
          code: "invalid",
          kind: "business",
          detail: "",
          action: "Correct them.",
          reference: "r",
          errors,
        },
        { status: 422 },
      ),
    );
  const edit = async () => {
    const user = userEvent.setup();
    await show(<EditDialog incident={incident()} onClose={() => undefined} />);
    await user.type(await screen.findByLabelText("Title"), "!");
    await user.click(screen.getByRole("button", { name: "Save" }));
  };

  it("says at a list what is wrong with one of its entries", async () => {
    refused({ field: "body.responders.0", message: "At most 120 characters." });
    await edit();
    expect(await screen.findByText("At most 120 characters.")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("is not silent about a refusal that no field shows", async () => {
    refused({ field: "body.title", message: "Too long." }, { field: "body.whys.1", message: "Not this." });
    await edit();
    expect(await screen.findByRole("alert")).toHaveTextContent("Some values do not fit");
    expect(screen.getByRole("alert")).toHaveTextContent("Not this.");
  });

  it("can leave nobody in charge", () => {
    const before = textsOf(incident());
    expect(changesOf(before, { ...before, commander: "" })).toEqual({ commander: "" });
  });
});

describe("leaving a form", () => {
  it("asks before what was typed is lost, and only then", async () => {
    const user = userEvent.setup();
    const closed = vi.fn();
    await show(<EditDialog incident={incident()} onClose={closed} />);
    const lessons = await screen.findByLabelText("Lessons");
    await user.type(lessons, "Watch the disk.");
    const outside = document.querySelector(".mantine-Modal-inner");
    if (outside === null) throw new Error("the dialog has no outside");
    await user.click(outside);
    await user.keyboard("{Escape}");
    const stay = await screen.findByRole("button", { name: "Stay here" });
    expect(closed).not.toHaveBeenCalled();
    await user.keyboard("{Escape}");
    await vi.waitFor(() => expect(stay).not.toBeInTheDocument());
    expect(lessons).toHaveValue("Watch the disk.");
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await user.click(await screen.findByRole("button", { name: "Leave without saving" }));
    expect(closed).toHaveBeenCalledOnce();
  });

  it("asks nothing when nothing was typed", async () => {
    const user = userEvent.setup();
    const closed = vi.fn();
    await show(<EditDialog incident={incident()} onClose={closed} />);
    await screen.findByLabelText("Lessons");
    await user.keyboard("{Escape}");
    expect(closed).toHaveBeenCalledOnce();
  });
});

describe("merging", () => {
  it("does not say that no other incident is open while that is not known", async () => {
    vi.stubGlobal("fetch", async () => new Response("{}", { status: 500 }));
    await show(<MoveDialog incident={incident()} to="merged" onClose={() => undefined} />);
    expect(await screen.findByText("The server could not finish this")).toBeVisible();
    expect(screen.queryByLabelText("Into")).toBeNull();
    expect(screen.getByRole("button", { name: "Merge into another" })).toBeDisabled();
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
