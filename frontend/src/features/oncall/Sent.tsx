import type { Notification } from "@/api/types";
import { StatusDot } from "@/components/StatusDot";
import { messageState, waysOf } from "./duty";
import classes from "./OnCallPage.module.css";

/** What came of a message by each way that was tried. */
export function Sent({ message }: { message: Notification }) {
  const { tone, words } = messageState(message);
  const ways = waysOf(message.deliveries);
  return (
    <div className={classes.sent} role="status">
      <StatusDot tone={tone}>Test message: {words}</StatusDot>
      <ul>
        {ways.map((way) => (
          <li key={way.id} data-tone={way.tone}>
            {way.words}
          </li>
        ))}
        {ways.length === 0 && <li>No way to this person is set up.</li>}
      </ul>
    </div>
  );
}
