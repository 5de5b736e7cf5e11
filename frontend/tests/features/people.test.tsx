import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keys } from "@/api/queries";
import type { Person, Session, User } from "@/api/types";
import { PeopleSection } from "@/features/accounts/PeopleSection";
import { auth } from "@/lib/auth";
import { show } from "./render";

const person = (id: string, role: Person["role"]): Person => ({
  id,
  email: `${id}@example.com`,
  role,
  is_owner: false,
  created_at: "2026-01-02T10:00:00Z",
});

/** Two administrators, of whom `ada` is signed in; remembers what the server was asked. */
async function people() {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname;
    asked.push(`${request.method} ${path}`);
    return Response.json(
      path === "/api/me"
        ? { id: "ada", role: "technician" }
        : person(path.split("/").pop() ?? "", "technician"),
    );
  });
  const user = { id: "ada", email: "ada@example.com", role: "admin" } as User;
  auth.accept({ access_token: "t", user } as Session);
  await show(<PeopleSection />, (queries) =>
    queries.setQueryData(keys.people, [person("ada", "admin"), person("sam", "admin")]),
  );
  return asked;
}

const choose = async (of: string) => {
  const user = userEvent.setup();
  await user.click(await screen.findByRole("combobox", { name: `Role of ${of}@example.com` }));
  await user.click(await screen.findByRole("option", { name: "Technician" }));
  return user;
};

afterEach(() => auth.clear());

describe("a role", () => {
  it("of one's own is given up only when asked, and what it allowed goes at once", async () => {
    const asked = await people();
    const user = await choose("ada");
    const give = await screen.findByRole("button", { name: "Become technician" });
    expect(asked).toEqual([]);
    await user.click(give);
    await vi.waitFor(() => expect(auth.get().user?.role).toBe("technician"));
    expect(asked).toEqual(["PATCH /api/users/ada", "GET /api/me"]);
  });

  it("of another person is given without a question", async () => {
    const asked = await people();
    await choose("sam");
    await vi.waitFor(() => expect(asked).toEqual(["PATCH /api/users/sam"]));
    expect(auth.get().user?.role).toBe("admin");
  });
});
