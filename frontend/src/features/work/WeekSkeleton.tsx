import { Skeleton } from "@mantine/core";
import board from "./WeekBoard.module.css";
import classes from "./WeekPage.module.css";

const COLUMNS = ["a", "b", "c", "d", "e"];

/** The week's own shape while it is read. */
export function WeekSkeleton() {
  return (
    <div className={classes.root} aria-busy="true">
      <span className="visually-hidden">Loading the week</span>
      <div className={classes.pager}>
        <Skeleton height={34} width={420} maw="100%" />
      </div>
      <div className={board.board} style={{ "--columns": COLUMNS.length } as React.CSSProperties}>
        {COLUMNS.map((key) => (
          <div key={key} className={board.day} style={{ paddingTop: "0.5rem" }}>
            <Skeleton height={14} width="50%" mb="md" />
            <Skeleton height={104} mb={7} />
            <Skeleton height={104} />
          </div>
        ))}
      </div>
    </div>
  );
}
