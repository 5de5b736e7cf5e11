import { IconFlask2 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import classes from "./SandboxBanner.module.css";

export function SandboxBanner() {
  return (
    <aside className={classes.root} aria-label="Sandbox">
      <IconFlask2 size={15} aria-hidden />
      <span>
        <strong>Sandbox.</strong> Stores and people are made up
        <span className={classes.more}>; nothing reaches WorkFossa</span>.
      </span>
      <Link to="/connect" className={classes.link}>
        Connect<span className={classes.more}> to WorkFossa</span>
      </Link>
    </aside>
  );
}
