import type { Prover } from "@/api/types";

export const POSITIONS = [
  { value: 1, label: "1 · left" },
  { value: 2, label: "2 · centre" },
  { value: 3, label: "3 · right" },
] as const;

/**
 * Puts a prover at a position. Positions are unique: whoever stands there takes the place that the moved one leaves,
 * or a free one when that was shared.
 */
export function placeAt(provers: Prover[], id: string, position: number): Prover[] {
  const moved = provers.find((prover) => prover.prover_id === id);
  if (moved === undefined) return provers;
  const taken = new Set(provers.filter((prover) => prover.prover_id !== id).map((prover) => prover.position));
  taken.add(position);
  const left = taken.has(moved.position)
    ? (POSITIONS.find(({ value }) => !taken.has(value))?.value ?? moved.position)
    : moved.position;
  return provers.map((prover) => {
    if (prover.prover_id === id) return { ...prover, position };
    return prover.position === position ? { ...prover, position: left } : prover;
  });
}

export const sameChoice = (a: Prover[], b: Prover[]): boolean =>
  a.length === b.length &&
  a.every((prover, index) => {
    const other = b[index];
    return (
      other !== undefined &&
      other.prover_id === prover.prover_id &&
      other.position === prover.position &&
      other.preferred.join("\n") === prover.preferred.join("\n")
    );
  });
