/** `1 visit`, `9 visits`: every counted word goes through here. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** `a, b and c` */
export const list = (items: string[]): string =>
  items.length <= 1 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items[items.length - 1]}`;

/** Store numbers come with or without their hash; they are shown with exactly one when they are numbers. */
export const storeLabel = (store: string): string => {
  const bare = store.replace(/^#+/, "");
  return /^\d/.test(bare) ? `#${bare}` : bare;
};
