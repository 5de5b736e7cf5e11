import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { asProblem } from "@/lib/problems";
import { CopyText } from "./CopyText";
import classes from "./ProblemPanel.module.css";

interface Props {
  error: unknown;
  onRetry?: () => void;
  retryLabel?: string;
  /** Instead of the problem's own title. */
  title?: string | undefined;
  /** Heading level, so that the page's outline stays whole. */
  level?: 1 | 2 | 3;
}

/** A failure as every screen shows it: what happened, why, what to do, and a reference to quote. */
export function ProblemPanel({ error, onRetry, retryLabel = "Try again", level = 2, title }: Props) {
  const { problem, retryAfter } = asProblem(error);
  const Heading = `h${level}` as const;
  return (
    <section className={classes.root} role="alert">
      <IconAlertTriangle className={classes.icon} aria-hidden />
      <div className={classes.body}>
        <Heading className={classes.title}>{title ?? problem.title}</Heading>
        {problem.detail !== "" && <p>{problem.detail}</p>}
        {problem.action !== "" && <p className={classes.action}>{problem.action}</p>}
        {retryAfter !== null && <p>Wait {retryAfter} s before the next try.</p>}
        {problem.errors.length > 0 && (
          <ul className={classes.fields}>
            {problem.errors.map((field) => (
              <li key={field.field}>
                <span className="mono">{field.field}</span>: {field.message}
              </li>
            ))}
          </ul>
        )}
        <div className={classes.foot}>
          {onRetry !== undefined && (
            <Button size="xs" variant="default" onClick={onRetry}>
              {retryLabel}
            </Button>
          )}
          {problem.reference !== "" && <CopyText label="Reference" text={problem.reference} />}
        </div>
      </div>
    </section>
  );
}
