import type { Fact, FactKind } from "@/api/types";
import classes from "./FactBadge.module.css";

type Tone = "green" | "blue" | "red" | "violet" | "orange" | "grey" | "outline";

const TONES: Record<FactKind, Tone> = {
  new_store: "green",
  remodeled: "blue",
  priority: "red",
  day_of: "violet",
  start_day: "violet",
  finish_day: "violet",
  post_construction: "orange",
  specific_dispensers: "grey",
  open_neck_prover: "grey",
  dispensers: "grey",
  special_fuel: "outline",
};

export function FactBadge({ fact }: { fact: Pick<Fact, "kind" | "label"> }) {
  return (
    <span className={classes.root} data-tone={TONES[fact.kind] ?? "grey"}>
      {fact.label}
    </span>
  );
}
