import { Tooltip } from "@mantine/core";
import {
  IconCalendarWeek,
  IconClipboardList,
  IconLayoutSidebarLeftCollapse,
  IconLayoutSidebarLeftExpand,
  IconRefresh,
  IconSettings,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./Rail.module.css";

const PLACES = [
  { to: "/week", label: "Week", Icon: IconCalendarWeek },
  { to: "/forms", label: "Forms", Icon: IconClipboardList },
  { to: "/sync", label: "Sync", Icon: IconRefresh },
  { to: "/settings", label: "Settings", Icon: IconSettings },
] as const;

export function Rail({ folded, onFold }: { folded: boolean; onFold: () => void }) {
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.rail} aria-label="Main" data-folded={folded || undefined}>
      <div className={classes.brand}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span className={classes.word}>FossaWork</span>
      </div>
      <ul className={classes.places}>
        {PLACES.map(({ to, label, Icon }) => (
          <li key={to}>
            <Tooltip label={label} position="right" disabled={!folded}>
              <Link to={to} className={classes.place} activeProps={{ "aria-current": "page" }}>
                <Icon size={20} stroke={1.6} aria-hidden />
                <span className={classes.word}>{label}</span>
              </Link>
            </Tooltip>
          </li>
        ))}
      </ul>
      <button type="button" className={classes.fold} onClick={onFold} aria-expanded={!folded}>
        <Fold size={20} stroke={1.6} aria-hidden />
        <span className={classes.word}>{folded ? "Expand" : "Collapse"}</span>
      </button>
    </nav>
  );
}
