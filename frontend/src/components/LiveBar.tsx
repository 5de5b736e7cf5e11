import { Progress } from "@mantine/core";
import classes from "./LiveBar.module.css";

interface Props {
  label: string;
  sentence: string;
  done: number | null;
  total: number | null;
}

/** A running job in one sentence and one bar. Without a known end the bar only says that it works. */
export function LiveBar({ label, sentence, done, total }: Props) {
  const known = done !== null && total !== null && total > 0;
  return (
    <div className={classes.root}>
      <div className={classes.line}>
        <span aria-live="polite" className={classes.sentence}>
          {sentence}
        </span>
        {known && (
          <span className={classes.figure}>
            {done} of {total}
          </span>
        )}
      </div>
      <Progress.Root size="sm" radius="xl">
        <Progress.Section
          value={known ? (100 * done) / total : 100}
          animated={!known}
          striped={!known}
          aria-label={label}
          {...(known ? {} : { "aria-valuenow": undefined, "aria-valuetext": "under way" })}
        />
      </Progress.Root>
    </div>
  );
}
