import { IconAlertTriangle } from "@tabler/icons-react";
import type { Notice } from "@/api/types";
import classes from "./Notices.module.css";

/** Warnings: what is odd, and what to do about it. */
export function Notices({ notices }: { notices: Notice[] }) {
  if (notices.length === 0) return null;
  return (
    <ul className={classes.root}>
      {notices.map((notice) => (
        <li key={`${notice.code} ${notice.message}`} className={classes.item}>
          <IconAlertTriangle size={16} className={classes.icon} aria-hidden />
          <div>
            <p>{notice.message}</p>
            {notice.action !== "" && <p className={classes.action}>{notice.action}</p>}
          </div>
        </li>
      ))}
    </ul>
  );
}
