import type { ReactNode } from "react";
import classes from "./EmptyState.module.css";

interface Props {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  compact?: boolean;
  level?: 1 | 2 | 3;
}

/** What is not there, why, and the one thing to do about it. */
export function EmptyState({ icon, title, children, action, compact = false, level = 2 }: Props) {
  const Heading = `h${level}` as const;
  return (
    <div className={classes.root} data-compact={compact || undefined}>
      {icon !== undefined && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <Heading className={classes.title}>{title}</Heading>
      {children !== undefined && <div className={classes.text}>{children}</div>}
      {action !== undefined && <div className={classes.action}>{action}</div>}
    </div>
  );
}
