import type { Slo } from "@/api/types";
import classes from "./BudgetBar.module.css";
import { budgetLook } from "./objectives";

/** How much of the error budget is left, as a bar and in words; hatched where nothing is known. */
export function BudgetBar({ slo }: { slo: Pick<Slo, "verdict" | "budget"> }) {
  const look = budgetLook(slo);
  return (
    <span className={classes.root} data-state={look.state}>
      <span className={classes.bar} aria-hidden>
        <span className={classes.fill} style={{ width: `${look.fill * 100}%` }} />
      </span>
      <span className={classes.words}>
        <span className="visually-hidden">Budget </span>
        {look.words}
      </span>
    </span>
  );
}
