import { CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./CopyText.module.css";

interface Props {
  label: string;
  text: string;
  /** Shown instead of a long text; empty: the label alone. */
  shown?: string;
  /** Where its name stands beside it already. */
  nameless?: boolean;
}

/** A value to quote elsewhere; a click copies it. */
export function CopyText({ label, text, shown = text, nameless = false }: Props) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={classes.root}
          onClick={copy}
          aria-label={shown === "" ? label : `Copy ${label.toLowerCase()} ${shown}`}
        >
          {!nameless && <span className={classes.label}>{label}</span>}{" "}
          {shown !== "" && <span className="mono">{shown}</span>}
          {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          <span className="visually-hidden" aria-live="polite">
            {copied ? "Copied" : ""}
          </span>
        </button>
      )}
    </CopyButton>
  );
}
