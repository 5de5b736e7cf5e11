import type { Priority } from "@/api/types";
import { priorityName } from "@/lib/operations";
import classes from "./PriorityMark.module.css";

/** How urgent: solid, outlined or plain, besides its colour and its name. */
export function PriorityMark({ priority }: { priority: Priority }) {
  return (
    <span className={classes.root} data-priority={priority}>
      {priorityName(priority)}
    </span>
  );
}
