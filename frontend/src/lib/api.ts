import createClient from "openapi-fetch";
import type { paths } from "@/api/schema";
import { authorizedFetch } from "./auth";
import { problemFrom } from "./problems";

export const client = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  fetch: authorizedFetch,
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer, or a thrown ApiProblem: queries and mutations deal with one kind of failure only. */
export async function unwrap<T>(pending: Promise<Answer<T>>): Promise<NonNullable<T>> {
  const { data, error, response } = await pending;
  if (!response.ok || data === undefined || data === null) throw problemFrom(response, error);
  return data;
}

/** For routes that answer without a body (204). */
export async function done(pending: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await pending;
  if (!response.ok) throw problemFrom(response, error);
}

/** For routes that answer with a file; ask for it with `parseAs: "blob"`. */
export async function file(pending: Promise<Answer<unknown>>): Promise<Blob> {
  const { data, error, response } = await pending;
  if (!response.ok || !(data instanceof Blob)) throw problemFrom(response, error);
  return data;
}
