import { IconBook2 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { runbookAt } from "@/lib/runbooks";
import { CopyText } from "./CopyText";
import classes from "./RunbookLink.module.css";

interface Props {
  /** As the rule names it: `docs/operations/runbooks/NAME.md#SECTION`. */
  path: string;
  /** Where the word stands beside it already. */
  nameless?: boolean;
}

/** The way to what is to be done. A runbook that is kept elsewhere can be copied. */
export function RunbookLink({ path, nameless = false }: Props) {
  const place = runbookAt(path);
  if (place === null) return <CopyText label="Runbook" text={path} nameless={nameless} />;
  return (
    <Link
      to="/operations/runbooks/$name"
      params={{ name: place.name }}
      hash={place.section}
      className={classes.root}
    >
      <IconBook2 size={16} stroke={1.6} aria-hidden />
      <span className={nameless ? "visually-hidden" : undefined}>Runbook</span>{" "}
      <span className="mono">{place.section ?? place.name}</span>
    </Link>
  );
}
