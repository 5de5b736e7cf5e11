import type { Priority } from "@/api/types";
import { ANSWER_WITHIN, priorityName } from "@/lib/operations";
import classes from "./PriorityMark.module.css";

/** How urgent: solid, outlined or plain, besides its colour and its name. */
export function PriorityMark({ priority }: { priority: Priority }) {
  return (
    <span className={classes.root} data-priority={priority} title={`Answer ${ANSWER_WITHIN[priority]}`}>
      {priorityName(priority)}
    </span>
  );
}
