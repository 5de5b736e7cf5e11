import { IconAlertTriangle } from "@tabler/icons-react";
import type { UnreadLogs } from "@/api/types";
import { dayDate } from "@/lib/time";
import { count } from "@/lib/words";
import classes from "./LogsPage.module.css";

const SHOWN = 3;

/** Files that could not be read: what is found may not be all. */
export function Unread({ files }: { files: UnreadLogs[] }) {
  if (files.length === 0) return null;
  return (
    <div className={classes.unread}>
      <IconAlertTriangle size={16} aria-hidden />
      <div>
        <p>{count(files.length, "file")} could not be read, so this is not all:</p>
        <ul>
          {files.slice(0, SHOWN).map((file) => (
            <li key={`${file.category} ${file.day} ${file.kind}`}>
              {file.category}, {dayDate(file.day)} ({file.kind}): {file.why}
            </li>
          ))}
          {files.length > SHOWN && <li>and {files.length - SHOWN} more</li>}
        </ul>
      </div>
    </div>
  );
}
