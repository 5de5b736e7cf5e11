import type { ReactNode } from "react";
import type { Tone } from "@/lib/operations";
import classes from "./StatusDot.module.css";

/** A state as a coloured dot and its word; the colour never says it alone. */
export function StatusDot({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <span className={classes.root} data-tone={tone}>
      <span className={classes.dot} aria-hidden />
      <span>{children}</span>
    </span>
  );
}
