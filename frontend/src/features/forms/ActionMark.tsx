import { IconAlertTriangle, IconCheck, IconPencil, IconPlus } from "@tabler/icons-react";
import type { FormAction } from "@/api/types";
import classes from "./FormTable.module.css";

const ICONS = {
  create: IconPlus,
  fill: IconPencil,
  resume: IconPencil,
  done: IconCheck,
  ask: IconAlertTriangle,
};

export function ActionMark({ action, words }: { action: FormAction; words: string }) {
  const Icon = ICONS[action];
  return (
    <span className={classes.mark} data-action={action}>
      <Icon size={14} stroke={2} aria-hidden />
      {words}
    </span>
  );
}
