import type { AlertItem } from "@/api/types";
import { responseClock } from "@/lib/alerts";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { useNow } from "./Ago";
import classes from "./AlertClock.module.css";

/** The time that is left to answer an alert, counting down, and then up. */
export function AlertClock({ alert }: { alert: AlertItem }) {
  const zone = useZone();
  const now = useNow(1);
  const { state, words } = responseClock(alert, now);
  if (state === "none") return null;
  return (
    <span
      className={classes.root}
      data-state={state}
      title={
        alert.answer_by === null ? undefined : `To be answered by ${instantText(alert.answer_by, zone, true)}`
      }
    >
      {words}
    </span>
  );
}
