import { CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type ComponentProps, createContext, type ReactElement, type ReactNode, use } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import { type DocNode, type Heading, nameHeadings } from "@/lib/headings";
import { linkIn } from "@/lib/runbooks";
import classes from "./Markdown.module.css";
import { ScrollRegion } from "./ScrollRegion";

interface Place {
  /** The runbook that is read, for the links in it. */
  here?: string;
  /** The id of the heading that is marked. */
  section?: string;
  /** The level on the page of what is `##` in the text. */
  level: 2 | 3;
}

const Around = createContext<Place>({ level: 2 });
/** Inside a heading or a link: no button may stand there. */
const Bare = createContext(false);

export interface Document {
  content: ReactElement;
  headings: Heading[];
}

/** Reads a text once: how it looks, and its headings. Its title is left out: whoever shows the text has it as a heading. */
export function readMarkdown(text: string): Document {
  let headings: Heading[] = [];
  const outline = () => (tree: DocNode) => {
    headings = nameHeadings(tree);
  };
  // Called, not rendered: it has no state of its own, and the headings are known when it returns.
  const content = ReactMarkdown({ children: text, rehypePlugins: [outline], components: PARTS });
  return { content, headings };
}

/** A text that was written in Markdown, to be read calmly. Raw HTML in it is shown as it was typed, never as HTML. */
export function Markdown({ of, ...place }: { of: Document } & Place) {
  return (
    <Around value={place}>
      <div className={classes.root} data-level={place.level}>
        {of.content}
      </div>
    </Around>
  );
}

const headingOf = (depth: number) =>
  function DocHeading({ id, children }: ComponentProps<"h2">) {
    const { level, section } = use(Around);
    const Tag = `h${Math.min(6, Math.max(2, depth) - 2 + level)}` as "h2";
    return (
      <Tag
        id={id}
        tabIndex={-1}
        className={classes.heading}
        data-depth={depth}
        aria-current={id !== undefined && id === section ? "location" : undefined}
      >
        <Bare value>{children}</Bare>
      </Tag>
    );
  };

function DocLink({ href = "", children }: ComponentProps<"a">) {
  const { here } = use(Around);
  const target = linkIn(href, here);
  const shown = <Bare value>{children}</Bare>;
  if (target === null) return <span>{children}</span>;
  if (typeof target === "string") {
    return (
      <a href={target} target="_blank" rel="noreferrer">
        {shown}
      </a>
    );
  }
  return (
    <Link
      to="/operations/runbooks/$name"
      params={{ name: target.name }}
      hash={target.section}
      activeOptions={{ includeHash: true }}
    >
      {shown}
    </Link>
  );
}

/** Something to be typed into a terminal: a program, and what it is told. Blocks, whose lines end, are none. */
const isCommand = (text: string): boolean => /^[a-z][\w./-]* +\S[^\n]*$/.test(text);

/** A last word of so many letters is kept on one line with the button behind it. */
const SHORT = 20;

function DocCode({ children }: ComponentProps<"code">) {
  const text = typeof children === "string" ? children : "";
  const bare = use(Bare);
  if (bare || !isCommand(text)) return <code>{children}</code>;
  const last = text.slice(text.lastIndexOf(" ") + 1);
  return (
    <code>
      {text.slice(0, -last.length)}
      <span className={last.length <= SHORT ? classes.together : undefined}>
        {last}
        <Copy text={text} />
      </span>
    </code>
  );
}

function DocBlock({ node, children }: { node?: DocNode; children?: ReactNode }) {
  const text = node?.children?.[0]?.children?.[0]?.value ?? "";
  return (
    <div className={classes.block}>
      <ScrollRegion label="Code">
        <pre>{children}</pre>
      </ScrollRegion>
      <Copy text={text.trimEnd()} />
    </div>
  );
}

function Copy({ text }: { text: string }) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={classes.copy}
          onClick={copy}
          aria-label={`Copy ${text}`}
          title="Copy"
        >
          {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          <span className="visually-hidden" aria-live="polite">
            {copied ? "Copied" : ""}
          </span>
        </button>
      )}
    </CopyButton>
  );
}

const PARTS: Components = {
  h1: headingOf(1),
  h2: headingOf(2),
  h3: headingOf(3),
  h4: headingOf(4),
  h5: headingOf(5),
  h6: headingOf(6),
  a: DocLink,
  code: DocCode,
  pre: DocBlock as Components["pre"],
  img: ({ alt }) => <span>{alt}</span>,
};
