import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { operationsKeys } from "@/api/operations";
import type { Session } from "@/api/types";
import { OperationsFrame } from "@/app/pages/OperationsFrame";
import { Rail } from "@/app/shell/Rail";
import { auth } from "@/lib/auth";
import { alert } from "../features/operationsData";
import { show } from "../features/render";

const signedIn = (role: "technician" | "operator" | "admin") =>
  auth.accept({
    access_token: "t",
    user: { id: "u", email: "x@example.com", role, time_zone: "UTC", link: { state: "none" } },
  } as unknown as Session);

const board = {
  firing: [alert(), alert({ id: "a2", silenced: "x" })],
  pending: [],
  evaluated_at: null,
  responses: [],
};

describe("operations", () => {
  it("tell a technician calmly that they are for others", async () => {
    signedIn("technician");
    await show(<OperationsFrame />);
    expect(
      await screen.findByRole("heading", { level: 1, name: "This page is for operators" }),
    ).toBeVisible();
    expect(screen.getByText(/Your role is technician/)).toBeVisible();
    expect(screen.queryByRole("navigation", { name: "Operations" })).toBeNull();
  });

  it.each(["operator", "admin"] as const)("are open to an %s", async (role) => {
    signedIn(role);
    await show(<OperationsFrame />);
    expect(await screen.findByRole("navigation", { name: "Operations" })).toBeInTheDocument();
  });
});

describe("the rail", () => {
  const rail = () =>
    show(<Rail folded={false} onFold={() => undefined} />, (queries) =>
      queries.setQueryData(operationsKeys.board, board),
    );

  it("has no word of operations for technicians", async () => {
    signedIn("technician");
    await rail();
    expect(await screen.findByRole("link", { name: "Week" })).toBeVisible();
    expect(screen.queryByRole("link", { name: /Operations/ })).toBeNull();
  });

  it("counts for operators the alerts that call for somebody", async () => {
    signedIn("operator");
    await rail();
    expect(await screen.findByRole("link", { name: "Operations, 1 alert firing" })).toBeVisible();
  });
});
