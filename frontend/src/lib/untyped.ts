/**
 * Keeps what people type out of reports. Addresses lose their queries and ids; messages lose what stands in quotation marks
 * and whatever stands in a field of the page right now; stacks keep their frames only.
 */

const LONGEST_MESSAGE = 1000;
const LONGEST_STACK = 6000;
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”|‘[^’]*’/g;
const ADDRESS = /\S+@\S+/g;
const FRAME = /^\s*(at\s.*|.*@.*):\d+:\d+\)?$/;
const WORD = /^[a-z][a-z_-]{0,39}$/;

/** `/api/visits/{id}/forms` of an address: only the words of our own routes stay. */
export function pathTemplate(address: string): string {
  const { pathname } = new URL(address, location.href);
  const parts = pathname.split("/").map((part) => (part === "" || WORD.test(part) ? part : "{id}"));
  return parts.join("/").slice(0, 200);
}

/** What stands in the fields of the page now; very short values are in every text by chance. */
function typedNow(): string[] {
  if (typeof document === "undefined") return [];
  const fields = document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea");
  const editable = document.querySelectorAll("[contenteditable]");
  return [...fields]
    .map((field) => field.value)
    .concat([...editable].map((element) => element.textContent ?? ""))
    .filter((value) => value.trim().length > 2)
    .sort((one, other) => other.length - one.length);
}

/** A message without what a person typed. */
export function untyped(message: string): string {
  let text = message.slice(0, 4 * LONGEST_MESSAGE);
  for (const value of typedNow()) text = text.replaceAll(value, "…");
  return text.replace(QUOTED, "“…”").replace(ADDRESS, "…").slice(0, LONGEST_MESSAGE);
}

/** The frames of a stack, without the message before them and without queries. */
export function frames(stack: string | undefined): string | null {
  const lines = (stack ?? "").split("\n").filter((line) => FRAME.test(line));
  const text = lines.map((line) => line.replace(/[?#][^:)]*(?=:\d+:\d+)/g, "")).join("\n");
  return text === "" ? null : text.slice(0, LONGEST_STACK);
}
