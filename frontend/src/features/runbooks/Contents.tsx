import { useMediaQuery } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Heading } from "@/lib/headings";
import classes from "./Runbooks.module.css";

interface Props {
  headings: Heading[];
  /** Of the runbook. */
  name: string;
  /** The id of the heading that the address names. */
  section: string | undefined;
}

/** The sections of a runbook: beside it where there is room, else above it, folded. */
export function Contents({ headings, name, section }: Props) {
  const narrow = useMediaQuery("(max-width: 62em)", undefined, { getInitialValueInEffect: false });
  const [open, setOpen] = useState(false);
  const shown = headings.filter(({ level }) => level <= 3);
  if (shown.length === 0) return null;
  const links = (
    <ol>
      {shown.map(({ id, text, level }) => (
        <li key={id} data-level={level}>
          <Link
            to="/operations/runbooks/$name"
            params={{ name }}
            hash={id}
            activeOptions={{ includeHash: true }}
            data-here={id === section || undefined}
            onClick={() => setOpen(false)}
          >
            {text}
          </Link>
        </li>
      ))}
    </ol>
  );
  if (!narrow) return <Beside section={section}>{links}</Beside>;
  return (
    <details className={classes.folded} open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Contents</summary>
      <nav aria-label="Contents" className={classes.contents}>
        {links}
      </nav>
    </details>
  );
}

/** The list is longer than the screen: the entry that is marked is kept in sight. */
function Beside({ section, children }: { section: string | undefined; children: ReactNode }) {
  const list = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the marked entry changes with the section
  useEffect(() => {
    const [frame, entry] = [list.current, list.current?.querySelector<HTMLElement>("[data-here]")];
    if (frame == null || entry == null) return;
    const top = entry.offsetTop - frame.clientHeight / 2;
    frame.scrollTo?.({ top });
  }, [section]);
  return (
    <nav ref={list} aria-label="Contents" className={classes.contents} data-beside>
      {children}
    </nav>
  );
}
