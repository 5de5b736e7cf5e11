import { byServer } from "@/lib/clock";
import { lasting } from "@/lib/figures";
import { useNow } from "./Ago";
import classes from "./AsOf.module.css";

export interface Part {
  dataUpdatedAt: number;
  error: unknown;
}

/** After how many seconds without an answer the age of what is shown is said aloud. */
const OLD = 60;

/** How old what the page shows is: of its parts the oldest; and whether asking again fails. */
export function AsOf({ of }: { of: Part[] }) {
  const now = useNow(1);
  const known = of.filter((part) => part.dataUpdatedAt > 0);
  if (known.length === 0) return null;
  const age = Math.max(0, (now - byServer(Math.min(...known.map((part) => part.dataUpdatedAt)))) / 1000);
  const failing = of.some((part) => part.error !== null);
  const state = failing ? "failing" : age > OLD ? "old" : "fresh";
  return (
    <span className={classes.root} data-state={state}>
      {failing ? `not renewed, ${lasting(age)} old` : age < 5 ? "as of now" : `as of ${lasting(age)} ago`}
    </span>
  );
}
