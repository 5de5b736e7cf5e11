/**
 * The session of this tab. The access token lives in memory only; the refresh token is an HttpOnly cookie that scripts
 * cannot read. The cookie rotates with each refresh, so refreshes must never run side by side: within the tab they
 * share one promise, between tabs they queue on a Web Lock.
 */
import type { Session, User } from "@/api/types";
import { learnClock } from "./clock";
import { forgetReports, newId, reportCall } from "./logging";
import { ApiProblem, problemFrom, unreachable } from "./problems";

export type AuthStatus = "unknown" | "signed_in" | "signed_out";

export interface AuthState {
  status: AuthStatus;
  user: User | null;
}

/** Says that this browser may have a session cookie; not a secret. Saves a refused request on a first visit. */
const HINT = "fossawork-session";

function remember(signedIn: boolean): void {
  try {
    if (signedIn) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Without storage every load asks the server, which is merely slower.
  }
}

function mayHaveSession(): boolean {
  try {
    return localStorage.getItem(HINT) !== null;
  } catch {
    return true;
  }
}

let state: AuthState = { status: "unknown", user: null };
let accessToken: string | null = null;
let refreshing: Promise<boolean> | null = null;
const listeners = new Set<() => void>();

function publish(next: AuthState): void {
  state = next;
  for (const listener of listeners) listener();
}

export const auth = {
  get: (): AuthState => state,
  token: (): string | null => accessToken,
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  accept(session: Session): void {
    accessToken = session.access_token;
    remember(true);
    publish({ status: "signed_in", user: session.user });
  },
  setUser(user: User): void {
    if (state.status === "signed_in") publish({ status: "signed_in", user });
  },
  clear(): void {
    forgetReports();
    accessToken = null;
    remember(false);
    publish({ status: "signed_out", user: null });
  },
};

async function underLock<T>(work: () => Promise<T>): Promise<T> {
  if (typeof navigator !== "undefined" && "locks" in navigator) {
    return navigator.locks.request("fossawork-refresh", work) as Promise<T>;
  }
  return work();
}

/** Sends a request with an id that the server's logs have, too; one that fails is reported with it. */
async function sendNoted(request: Request): Promise<Response> {
  const call = { method: request.method, url: request.url, requestId: newId(), startedAt: performance.now() };
  request.headers.set("X-Request-Id", call.requestId);
  const sentAt = Date.now();
  try {
    const response = await fetch(request);
    learnClock(response.headers, sentAt);
    reportCall({ ...call, status: response.status });
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    reportCall({ ...call, status: 0 });
    throw unreachable();
  }
}

async function askForSession(): Promise<boolean> {
  const request = new Request(new URL("/api/auth/refresh", location.href), {
    method: "POST",
    credentials: "same-origin",
  });
  const response = await sendNoted(request);
  if (response.ok) {
    auth.accept((await response.json()) as Session);
    return true;
  }
  if (response.status === 401) {
    auth.clear();
    return false;
  }
  throw problemFrom(response, await response.json().catch(() => null));
}

/**
 * A new access token by the refresh cookie; true when there is a session. However many callers ask at once, one request
 * is sent. Throws an ApiProblem when the server cannot be asked: that is not the same as being signed out.
 */
export function refresh(): Promise<boolean> {
  refreshing ??= underLock(askForSession).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

/** The session after a load of the page: asks the server, unless this browser never signed in. */
export async function restore(): Promise<boolean> {
  if (mayHaveSession()) return refresh();
  publish({ status: "signed_out", user: null });
  return false;
}

/** A fetch that carries the token, and after a 401 refreshes once and repeats the request. */
export async function authorizedFetch(input: Request): Promise<Response> {
  const send = async (request: Request): Promise<Response> => {
    if (accessToken !== null) request.headers.set("Authorization", `Bearer ${accessToken}`);
    return sendNoted(request);
  };
  const used = accessToken;
  const spare = input.clone();
  const response = await send(input);
  const isSessionRoute = /\/api\/(auth|setup)\b/.test(new URL(input.url).pathname);
  if (response.status !== 401 || isSessionRoute || state.status === "signed_out") return response;
  // Another request may have refreshed while this one was under way: then its token is new already.
  const renewed = accessToken !== null && accessToken !== used ? true : await refresh();
  return renewed ? send(spare) : response;
}

/** Ends the session on the server, and here in any case. */
export async function signOut(): Promise<void> {
  try {
    await authorizedFetch(new Request(new URL("/api/auth/sign-out", location.href), { method: "POST" }));
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
  } finally {
    auth.clear();
  }
}
