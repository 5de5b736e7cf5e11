import type { ReactNode } from "react";
import classes from "./StatusDot.module.css";

export type Tone = "ok" | "warn" | "bad" | "busy" | "idle" | "unknown";

/** A state as a coloured dot and its word; the colour never says it alone. */
export function StatusDot({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.root} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      <span>{children}</span>
    </span>
  );
}
