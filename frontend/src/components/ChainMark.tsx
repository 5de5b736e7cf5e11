import type { CSSProperties } from "react";
import type { Chain } from "@/api/types";

const COLOURS: Record<Chain["key"], string> = {
  "7-eleven": "var(--fw-seven)",
  speedway: "var(--fw-speedway)",
  wawa: "var(--fw-wawa)",
  "circle-k": "var(--fw-circle)",
  costco: "var(--fw-costco)",
  other: "var(--fw-other)",
};

/** The chain's colour. It always stands beside the chain's name, never alone. */
export const chainColour = (chain: Chain): string => COLOURS[chain.key] ?? COLOURS.other;

export function ChainEdge({ chain, height = "1em" }: { chain: Chain; height?: string }) {
  const style: CSSProperties = {
    display: "inline-block",
    flex: "none",
    width: 4,
    height,
    borderRadius: 2,
    background: chainColour(chain),
  };
  return <span aria-hidden style={style} />;
}
