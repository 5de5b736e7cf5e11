/** The headings of a document: their ids, and which of them an address means. Free of React. */

export interface Heading {
  id: string;
  text: string;
  level: number;
}

/** As much of a document's tree as is needed here. */
export interface DocNode {
  type: string;
  tagName?: string;
  value?: string;
  properties?: Record<string, unknown>;
  children?: DocNode[];
}

const words = (node: DocNode): string => node.value ?? node.children?.map(words).join("") ?? "";
const levelOf = (node: DocNode): number => Number(/^h([1-6])$/.exec(node.tagName ?? "")?.[1] ?? 0);

/**
 * Gives each heading its own words as its id, and answers them all. A title, the heading with which a document begins, is
 * taken out: whoever shows the document has it as a heading already.
 */
export function nameHeadings(root: DocNode): Heading[] {
  const children = root.children ?? [];
  const first = children.findIndex((node) => node.type === "element");
  if (first >= 0 && children[first]?.tagName === "h1") children.splice(first, 1);
  const found = new Map<string, Heading>();
  for (const node of children) {
    const level = levelOf(node);
    if (level === 0) continue;
    const text = words(node).trim();
    let id = text;
    for (let times = 2; found.has(id); times += 1) id = `${text} ${times}`;
    found.set(id, { id, text, level });
    node.properties = { ...node.properties, id };
  }
  return [...found.values()];
}

/** As the sites that show Markdown write a heading in an address: `Find out` is `find-out`. */
const short = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");

/** The heading that the part of an address behind `#` means. */
export const headingAt = (headings: Heading[], hash: string): Heading | undefined =>
  hash === ""
    ? undefined
    : (headings.find(({ id }) => id === hash) ?? headings.find(({ id }) => short(id) === hash));
