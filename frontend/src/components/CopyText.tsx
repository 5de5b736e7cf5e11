import { CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import classes from "./CopyText.module.css";

/** A value to quote elsewhere; a click copies it. */
export function CopyText({ label, text }: { label: string; text: string }) {
  return (
    <CopyButton value={text} timeout={1500}>
      {({ copied, copy }) => (
        <button
          type="button"
          className={classes.root}
          onClick={copy}
          aria-label={`Copy ${label.toLowerCase()} ${text}`}
        >
          <span>{label}</span> <span className="mono">{text}</span>
          {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
          <span className="visually-hidden" aria-live="polite">
            {copied ? "Copied" : ""}
          </span>
        </button>
      )}
    </CopyButton>
  );
}
