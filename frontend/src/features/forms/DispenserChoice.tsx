import { Button, Chip } from "@mantine/core";
import { useState } from "react";
import type { VisitPlan } from "@/api/types";
import { count, list } from "@/lib/words";
import classes from "./Order.module.css";
import { namedDispensers } from "./plan";

interface Props {
  /** The plan as the rules and the instructions make it. */
  base: VisitPlan;
  chosen: string[] | null;
  onChoose: (dispensers: string[] | null) => void;
  /** Shown although nothing is in question, because the person asked for it. */
  open: boolean;
  onClose: () => void;
}

/** Questions that only a person can answer, and the answer: which dispensers are ordered. */
export function DispenserChoice({ base, chosen, onChoose, open, onClose }: Props) {
  const [picked, setPicked] = useState(chosen ?? namedDispensers(base));
  const [changing, setChanging] = useState(false);
  const asks = base.questions.length > 0;
  if (!asks && !open && chosen === null) return null;

  if (chosen !== null && !changing && !open) {
    return (
      <section className={classes.ask} aria-label="Dispensers chosen by you">
        <div className={classes.foot}>
          <p>
            <strong>Your answer: </strong>
            {chosen.length === base.dispensers.length
              ? `all ${count(chosen.length, "dispenser")}`
              : `${count(chosen.length, "dispenser")}, ${list(chosen)}`}
            .
          </p>
          <Button size="xs" variant="default" onClick={() => setChanging(true)}>
            Change
          </Button>
          <Button size="xs" variant="subtle" onClick={() => onChoose(null)}>
            {asks ? "Take the answer back" : "As the order says"}
          </Button>
        </div>
      </section>
    );
  }

  const inOrder = base.dispensers.filter((dispenser) => picked.includes(dispenser));
  const close = () => {
    setChanging(false);
    onClose();
  };
  return (
    <section
      className={classes.ask}
      data-open={(asks && chosen === null) || undefined}
      aria-labelledby="which-dispensers"
    >
      <h2 id="which-dispensers" className={classes.title}>
        {asks
          ? base.questions.length === 1
            ? "A question for you"
            : "Questions for you"
          : "Which dispensers?"}
      </h2>
      {asks && (
        <ul className={classes.questions}>
          {base.questions.map((question) => (
            <li key={`${question.code} ${question.message}`}>{question.message}</li>
          ))}
        </ul>
      )}
      <div>
        <p className="muted" id="which-hint">
          {asks
            ? "Nothing is prepared before you say which dispensers are meant."
            : "Exactly the ones you choose are prepared."}
        </p>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: the chips bring their own fields */}
      <div
        className={classes.chips}
        role="group"
        aria-labelledby="which-dispensers"
        aria-describedby="which-hint"
      >
        <Chip.Group multiple value={picked} onChange={setPicked}>
          {base.dispensers.map((dispenser) => (
            <Chip key={dispenser} value={dispenser} size="sm" radius="md">
              {dispenser}
            </Chip>
          ))}
        </Chip.Group>
      </div>
      <div className={classes.foot}>
        <Button
          disabled={inOrder.length === 0}
          onClick={() => {
            onChoose(inOrder);
            close();
          }}
        >
          {inOrder.length === 0 ? "Choose at least one" : `Use ${count(inOrder.length, "dispenser")}`}
        </Button>
        <Button variant="subtle" size="xs" onClick={() => setPicked(base.dispensers)}>
          All {base.dispensers.length}
        </Button>
        {(!asks || chosen !== null) && (
          <Button variant="subtle" size="xs" color="gray" onClick={close}>
            Cancel
          </Button>
        )}
      </div>
    </section>
  );
}
