import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { syncStatusQuery, weekQuery } from "@/api/queries";
import { useNow } from "@/components/Ago";
import { ago, instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./DataAge.module.css";

/** How old the data are, always in sight; a click leads to the sync history. */
export function DataAge() {
  const { data: age } = useQuery({ ...weekQuery(), select: (week) => week.this.age });
  const { data: status } = useQuery(syncStatusQuery);
  const zone = useZone();
  const now = useNow();
  const running = status?.running ?? null;
  const last = age?.last_success_at ?? null;

  let state: string = age?.state ?? "none";
  let words = "";
  if (running !== null) {
    state = "running";
    words =
      running.total !== null && running.done !== null
        ? `syncing ${running.done}/${running.total}`
        : "syncing";
  } else if (state === "none") {
    words = "";
  } else if (last === null) {
    words = state === "failing" ? "sync failing" : "never synced";
  } else {
    words = state === "failing" ? `sync failing, data ${ago(last, now)}` : `synced ${ago(last, now)}`;
  }
  return (
    <Link
      to="/sync"
      className={classes.root}
      data-state={state}
      title={last === null ? undefined : `Last complete sync ${instantText(last, zone)}`}
    >
      {words !== "" && <span className={classes.dot} aria-hidden />}
      <span>{words}</span>
      <span className="visually-hidden">, open sync history</span>
    </Link>
  );
}
