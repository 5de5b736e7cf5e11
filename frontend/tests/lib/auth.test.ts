import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Session } from "@/api/types";
import { auth, authorizedFetch, refresh, restore } from "@/lib/auth";
import { ApiProblem } from "@/lib/problems";

const user = { id: "u", email: "casey@example.com" } as Session["user"];
const session = (token: string) =>
  new Response(JSON.stringify({ access_token: token, expires_in: 60, user }));
const refused = () => new Response("{}", { status: 401 });
const request = (path: string) => new Request(new URL(path, location.href));
const addressOf = (input: RequestInfo | URL): string =>
  input instanceof Request ? input.url : String(input);

describe("the session", () => {
  beforeEach(() => auth.clear());

  it("refreshes once, however many requests were refused at the same time", async () => {
    auth.accept({ access_token: "old", expires_in: 60, user });
    let refreshes = 0;
    const fetch = vi.fn(async (input: RequestInfo | URL) => {
      if (addressOf(input).endsWith("/api/auth/refresh")) {
        refreshes += 1;
        await Promise.resolve();
        return session("new");
      }
      const bearer = (input as Request).headers.get("Authorization");
      return bearer === "Bearer new" ? new Response("ok") : refused();
    });
    vi.stubGlobal("fetch", fetch);
    const answers = await Promise.all(
      ["/api/week", "/api/me", "/api/syncs", "/api/provers"].map((path) => authorizedFetch(request(path))),
    );
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    expect(refreshes).toBe(1);
    expect(auth.token()).toBe("new");
  });

  it("does not refresh again for an answer that is older than the newest token", async () => {
    auth.accept({ access_token: "old", expires_in: 60, user });
    let late: (answer: Response) => void = () => undefined;
    const refreshes: string[] = [];
    vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
      const address = addressOf(input);
      if (address.endsWith("/refresh")) {
        refreshes.push(address);
        return session("new");
      }
      const old = (input as Request).headers.get("Authorization") === "Bearer old";
      if (address.endsWith("/slow") && old) return new Promise<Response>((resolve) => (late = resolve));
      return old ? refused() : new Response("ok");
    });
    const slow = authorizedFetch(request("/api/slow"));
    await authorizedFetch(request("/api/quick"));
    late(refused());
    expect((await slow).status).toBe(200);
    expect(refreshes).toHaveLength(1);
  });

  it("is over when the refresh is refused", async () => {
    auth.accept({ access_token: "old", expires_in: 60, user });
    vi.stubGlobal("fetch", async () => refused());
    const answer = await authorizedFetch(request("/api/week"));
    expect(answer.status).toBe(401);
    expect(auth.get()).toEqual({ status: "signed_out", user: null });
    expect(auth.token()).toBeNull();
  });

  it("is not over when the server cannot be reached", async () => {
    auth.accept({ access_token: "old", expires_in: 60, user });
    vi.stubGlobal("fetch", async () => {
      throw new TypeError("Failed to fetch");
    });
    await expect(refresh()).rejects.toBeInstanceOf(ApiProblem);
    expect(auth.get().status).toBe("signed_in");
  });

  it("never keeps the token in the browser's storage", () => {
    auth.accept({ access_token: "very-secret", expires_in: 60, user });
    const kept = JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
    expect(kept).not.toContain("very-secret");
  });

  it("does not ask the server on the first visit of a browser", async () => {
    const fetch = vi.fn();
    vi.stubGlobal("fetch", fetch);
    expect(await restore()).toBe(false);
    expect(fetch).not.toHaveBeenCalled();
    auth.accept({ access_token: "a", expires_in: 60, user });
    fetch.mockResolvedValue(session("b"));
    expect(await restore()).toBe(true);
    expect(fetch).toHaveBeenCalledOnce();
  });

  it("does not try to refresh for a wrong password", async () => {
    const fetch = vi.fn(async (_input: RequestInfo | URL) => refused());
    vi.stubGlobal("fetch", fetch);
    await authorizedFetch(request("/api/auth/sign-in"));
    expect(fetch).toHaveBeenCalledOnce();
  });
});
