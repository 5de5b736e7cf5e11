import { Button } from "@mantine/core";
import { useState } from "react";
import type { WorkOrder } from "@/api/types";
import { FactBadge } from "@/components/FactBadge";
import { highlightFull, highlightWords, type Piece } from "./highlight";
import classes from "./WorkOrderPage.module.css";

const Pieces = ({ pieces }: { pieces: Piece[] }) => {
  let at = 0;
  return pieces.map((piece) => {
    const key = at;
    at += piece.text.length;
    return piece.label === null ? (
      <span key={key}>{piece.text}</span>
    ) : (
      <mark key={key} title={piece.label}>
        {piece.text}
      </mark>
    );
  });
};

/** Facts first, then the text without the chain's boilerplate; the whole text is one tap away. */
export function Instructions({ order }: { order: WorkOrder }) {
  const { instructions: full, instructions_clean: clean, card } = order;
  const [whole, setWhole] = useState(false);
  const showWhole = whole || clean === null;
  const hasMore = full !== null && clean !== null && clean.trim() !== full.trim();
  return (
    <section className={classes.panel} aria-labelledby="instructions">
      <div className={classes.panelHead}>
        <h2 id="instructions" className={classes.panelTitle}>
          Instructions
        </h2>
        {full !== null && (hasMore || clean === null) && (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => setWhole(!whole)}
            aria-expanded={whole}
            aria-controls="instruction-text"
          >
            {whole ? "Show less" : "Full text"}
          </Button>
        )}
      </div>
      {card.facts.length > 0 && (
        <ul className={classes.facts} aria-label="Facts">
          {card.facts.map((fact) => (
            <li key={`${fact.kind}${fact.label}`}>
              <FactBadge fact={fact} />
            </li>
          ))}
        </ul>
      )}
      <div id="instruction-text">
        {full === null || full.trim() === "" ? (
          <p className="muted">The work order has no instructions.</p>
        ) : !whole && clean === null ? (
          <p className="muted">
            Only the chain's standard text: calibrate, change filters, apply stickers, take photos.
          </p>
        ) : (
          <p className={classes.text}>
            <Pieces
              pieces={
                showWhole ? highlightFull(full, card.facts) : highlightWords(clean ?? "", full, card.facts)
              }
            />
          </p>
        )}
      </div>
    </section>
  );
}
