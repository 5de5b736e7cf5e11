import { describe, expect, it } from "vitest";
import { type DocNode, headingAt, nameHeadings } from "@/lib/headings";
import { linkIn, runbookAt } from "@/lib/runbooks";

describe("the runbook of a rule", () => {
  it("is a page and a section of it", () => {
    expect(runbookAt("docs/operations/runbooks/monitoring-runbook.md#slow_api")).toEqual({
      name: "monitoring-runbook",
      section: "slow_api",
    });
    expect(runbookAt("docs/operations/runbooks/restore.md")).toEqual({ name: "restore" });
  });

  it.each([
    "",
    "https://wiki.example.com/slow",
    "docs/user-guide.md#slow",
    "docs/operations/runbooks/",
    "docs/operations/runbooks/.md",
    "docs/operations/runbooks/.draft.md",
    "docs/operations/runbooks/deeper/one.md",
    "docs/operations/runbooks/../../user-guide.md",
    "docs/operations/runbooks/one.txt",
  ])("is not made of %j", (path) => {
    expect(runbookAt(path)).toBeNull();
  });
});

describe("a link in a document", () => {
  it("leads away with its whole address", () => {
    expect(linkIn("https://example.com/a#b", "one")).toBe("https://example.com/a#b");
    expect(linkIn("mailto:ops@example.com", undefined)).toBe("mailto:ops@example.com");
  });

  it("stays in the product between runbooks and their sections", () => {
    expect(linkIn("#slow_api", "one")).toEqual({ name: "one", section: "slow_api" });
    expect(linkIn("./two.md#Find%20out", "one")).toEqual({ name: "two", section: "Find out" });
    expect(linkIn("two.md", "one")).toEqual({ name: "two" });
  });

  it.each([
    "../../user-guide.md",
    "/operations",
    "//example.com",
    "javascript:alert(1)",
    "tel:1",
    "#",
    "",
    "%",
  ])("to %j cannot be opened", (href) => {
    expect(linkIn(href, "one")).toBeNull();
  });

  it("has no neighbours where the document is no runbook", () => {
    expect(linkIn("two.md", undefined)).toBeNull();
    expect(linkIn("#part", undefined)).toBeNull();
  });
});

describe("headings", () => {
  const heading = (level: number, ...texts: string[]): DocNode => ({
    type: "element",
    tagName: `h${level}`,
    children: texts.map((value) => ({ type: "element", tagName: "em", children: [{ type: "text", value }] })),
  });
  const between: DocNode = { type: "text", value: "\n" };

  it("have their own words as id, and no id twice", () => {
    const tree = {
      type: "root",
      children: [heading(2, "slow", "_api"), between, heading(3, "Find out"), heading(3, "Find out")],
    };
    const found = nameHeadings(tree);
    expect(found.map(({ id, level }) => [id, level])).toEqual([
      ["slow_api", 2],
      ["Find out", 3],
      ["Find out 2", 3],
    ]);
    expect(tree.children.map((node) => node.properties?.id)).toEqual([
      "slow_api",
      undefined,
      "Find out",
      "Find out 2",
    ]);
  });

  it("do without the title with which the document begins, and with no other", () => {
    const tree = { type: "root", children: [between, heading(1, "Title"), heading(1, "Part")] };
    expect(nameHeadings(tree).map(({ id }) => id)).toEqual(["Part"]);
    expect(tree.children).toHaveLength(2);
  });

  it("are found by their words, and as other sites write them", () => {
    const headings = [
      { id: "slow_api", text: "slow_api", level: 2 },
      { id: "What now?", text: "What now?", level: 2 },
    ];
    expect(headingAt(headings, "slow_api")?.id).toBe("slow_api");
    expect(headingAt(headings, "What now?")?.id).toBe("What now?");
    expect(headingAt(headings, "what-now")?.id).toBe("What now?");
    expect(headingAt(headings, "gone")).toBeUndefined();
    expect(headingAt(headings, "")).toBeUndefined();
  });
});
