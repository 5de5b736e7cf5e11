/** Readers of the part of a page's address after the question mark. Free of React. */

/** What a value of an address says; undefined when it says nothing that is known. */
type Reader<Value> = (value: unknown) => Value | undefined;

/**
 * Reads an address by a reader for each of its keys. The router lays the result over the address as it was typed, so every
 * key is there: one that is said wrongly as undefined. Left out, it would stay in force.
 */
export const searchOf =
  <Search extends object>(readers: { [Key in keyof Search]: Reader<Search[Key]> }) =>
  (search: Record<string, unknown>): Partial<Search> =>
    Object.fromEntries(
      Object.entries<Reader<unknown>>(readers).map(([key, read]) => [key, read(search[key])]),
    ) as Partial<Search>;

export const oneOf =
  <const Value>(...known: Value[]): Reader<Value> =>
  (value) =>
    known.find((one) => one === value);

export const anyText: Reader<string> = (value) =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A path of this site: an address must not lead away from it. */
export const ownPath: Reader<string> = (value) =>
  typeof value === "string" && /^\/(?![/\\])/.test(value) ? value : undefined;
