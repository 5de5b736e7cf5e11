/** The typed figures of a reading, in the portal's own order. */
export const FIGURES = [
  { key: "temperature", label: "Temp." },
  { key: "gpm", label: "GPM" },
  { key: "start", label: "Start" },
  { key: "meniscus", label: "Meniscus" },
  { key: "end", label: "End" },
] as const;

export type FigureKey = (typeof FIGURES)[number]["key"];
