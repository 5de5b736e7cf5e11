import type { ReactNode } from "react";
import classes from "./ViewNav.module.css";

/** The views of one page, as links side by side; the one that is shown is marked. */
export function ViewNav({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={classes.root} aria-label={label}>
      {children}
    </nav>
  );
}
