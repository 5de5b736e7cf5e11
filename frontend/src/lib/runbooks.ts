/** Where runbooks are read in the product, and where the links inside them lead. Free of React. */

export interface RunbookPlace {
  name: string;
  section?: string;
}

const FOLDER = "docs/operations/runbooks/";
const FILE = /^([^/\\?#]+)\.md(?:#(.+))?$/;

function placeOf(file: string): RunbookPlace | null {
  const [, name, section] = FILE.exec(file) ?? [];
  if (name === undefined || name.startsWith(".")) return null;
  return section === undefined ? { name } : { name, section };
}

/** `docs/operations/runbooks/NAME.md#SECTION`, as rules name it. Null: it is something else. */
export const runbookAt = (path: string): RunbookPlace | null =>
  path.startsWith(FOLDER) ? placeOf(path.slice(FOLDER.length)) : null;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Where a link of a document leads: away from here (an address), or to a runbook. Null: nowhere that could be opened.
 * `here` is the runbook that is read; a document that is none has no neighbours.
 */
export function linkIn(href: string, here: string | undefined): string | RunbookPlace | null {
  if (/^(https?:\/\/|mailto:)/i.test(href)) return href;
  if (here === undefined) return null;
  const file = decoded(href);
  if (file.startsWith("#")) return file === "#" ? null : { name: here, section: file.slice(1) };
  return placeOf(file.replace(/^\.\//, ""));
}
