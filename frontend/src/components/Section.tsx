import { type ReactNode, useId } from "react";
import { AsOf, type Part } from "./AsOf";
import classes from "./Section.module.css";

interface Props {
  title: string;
  /** What its figures cover, e.g. `last 24 h`. */
  hint?: ReactNode;
  /** Where its content comes from: it says when that could not be renewed. */
  of?: Part;
  action?: ReactNode;
  className?: string | undefined;
  /** In a card of its own. */
  card?: boolean;
  level?: 2 | 3;
  children: ReactNode;
}

/** A part of a page with its heading, and beside it what it covers and what can be done. */
export function Section({ title, hint, of, action, className, card = false, level = 2, children }: Props) {
  const id = useId();
  const Heading = `h${level}` as const;
  return (
    <section aria-labelledby={id} className={className}>
      <div className={classes.head}>
        <Heading id={id} className={classes.title} data-level={level}>
          {title}
        </Heading>
        {hint !== undefined && <p className={classes.hint}>{hint}</p>}
        {of !== undefined && of.error !== null && of.dataUpdatedAt > 0 && (
          <p className={classes.hint}>
            <AsOf of={[of]} />
          </p>
        )}
        {action !== undefined && <div className={classes.action}>{action}</div>}
      </div>
      {card ? <div className={classes.card}>{children}</div> : children}
    </section>
  );
}
