import type { Problem } from "@/api/types";

/** What went wrong, in the one shape every screen shows: what happened, why, what to do, a reference to quote. */
export class ApiProblem extends Error {
  readonly problem: Problem;
  /** Seconds to wait, from `Retry-After`; only with 429 and 503. */
  readonly retryAfter: number | null;

  constructor(problem: Problem, retryAfter: number | null = null) {
    super(problem.detail || problem.title);
    this.name = "ApiProblem";
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

const local = (problem: Partial<Problem>): Problem => ({
  type: "about:blank",
  title: "The server could not be reached",
  status: 0,
  code: "unreachable",
  kind: "transient",
  detail: "",
  action: "",
  reference: "",
  errors: [],
  ...problem,
});

export const unreachable = (): ApiProblem =>
  new ApiProblem(
    local({
      detail: "FossaWork's server did not answer. It may be stopped, or this device is offline.",
      action: "Check that the server runs (fossawork status) and try again.",
    }),
  );

export const expired = (): ApiProblem =>
  new ApiProblem(
    local({
      title: "Sign in to go on",
      status: 401,
      code: "session_over",
      kind: "auth",
      detail: "Your session is over.",
      action: "Sign in again.",
    }),
  );

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" && value !== null && "title" in value && "code" in value && "detail" in value
  );
}

/** Turns an answer that is no success into a problem, also when its body is not the server's own format. */
export function problemFrom(response: Response, body: unknown): ApiProblem {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const retryAfter = Number.isFinite(seconds) ? seconds : null;
  if (isProblem(body)) return new ApiProblem(body, retryAfter);
  if (response.status === 502 || response.status === 504) return unreachable();
  return new ApiProblem(
    local({
      title: "The server could not finish this",
      status: response.status,
      code: `http_${response.status}`,
      detail: `The server answered with status ${response.status} and no explanation.`,
      action: "Try again. If it stays so, look at the server's log.",
      reference: response.headers.get("X-Request-Id") ?? "",
    }),
    retryAfter,
  );
}

/** Any thrown value as a problem, for the screens that show it. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return unreachable();
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiProblem(
    local({
      title: "This page could not be shown",
      code: "ui_error",
      kind: "business",
      detail,
      action: "Reload the page. If it happens again, report it with the text above.",
    }),
  );
}

export const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof ApiProblem && codes.includes(error.code);

/** The messages of a refused request by its fields, without `body.` before them; empty when it was something else. */
export const fieldErrors = (error: unknown): Record<string, string> =>
  error instanceof ApiProblem
    ? Object.fromEntries(
        error.problem.errors.map(({ field, message }) => [
          field.replace(/^body\./, ""),
          message.replace(/^Value error, /, ""),
        ]),
      )
    : {};

/** The server's words about one field, `metered.0.start`; also when it names a part of it. */
export function errorAt(errors: Record<string, string>, field: string): string | undefined {
  const found = Object.keys(errors).find((key) => key === field || key.startsWith(`${field}.`));
  return found === undefined ? undefined : errors[found];
}
