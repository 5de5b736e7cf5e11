import { useSearch } from "@tanstack/react-router";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Session } from "@/api/types";
import { Filters } from "@/features/logs/Filters";
import { Lines } from "@/features/logs/Lines";
import { auth } from "@/lib/auth";
import { logSearch } from "@/lib/logs";
import { logLine } from "./operationsData";
import { show } from "./render";

function Page() {
  return <Filters search={logSearch(useSearch({ strict: false }))} />;
}

async function open(search: Record<string, unknown> = {}) {
  auth.accept({ access_token: "t", user: { time_zone: "UTC" } } as Session);
  const { router } = await show(<Page />);
  await act(() => router.navigate({ to: "/logs", search } as never));
  const field = (name: string): HTMLInputElement => screen.getByLabelText(name);
  return {
    user: userEvent.setup(),
    field,
    asked: () => router.state.location.search as Record<string, unknown>,
    elsewhere: (next: Record<string, unknown>) =>
      act(() => router.navigate({ to: "/logs", search: next } as never)),
    fill: (name: string, value: string) => fireEvent.change(field(name), { target: { value } }),
  };
}

const aMoment = () => act(() => new Promise((resolve) => setTimeout(resolve, 500)));

describe("a word that is looked for", () => {
  it("may be typed with pauses, also after a space", async () => {
    const { user, field, asked } = await open();
    await user.type(field("Text"), "connection ");
    await waitFor(() => expect(asked()).toEqual({ text: "connection" }));
    await user.type(field("Text"), "refused");
    expect(field("Text")).toHaveValue("connection refused");
    await waitFor(() => expect(asked()).toEqual({ text: "connection refused" }));
  });

  it("is asked for at once with Enter, in the server's letters", async () => {
    const { user, field, asked } = await open();
    await user.type(field("Event"), "Sync.Failed{Enter}");
    await waitFor(() => expect(asked()).toEqual({ event: "sync.failed" }), { timeout: 200 });
    expect(field("Event")).toHaveValue("Sync.Failed");
  });

  it("stays in the field when it cannot be looked for, which the field says", async () => {
    const { user, field, asked } = await open({ event: "http" });
    await user.type(field("Event"), ".");
    await waitFor(() => expect(field("Event")).toBeInvalid());
    expect(field("Event")).toHaveValue("http.");
    expect(field("Event")).toHaveAccessibleDescription(/^Not looked for: letters, digits/);
    expect(asked()).toEqual({ event: "http" });
    await user.type(field("Event"), "request");
    await waitFor(() => expect(asked()).toEqual({ event: "http.request" }));
    expect(field("Event")).toBeValid();
  });

  it("follows the address when that is changed elsewhere", async () => {
    const { user, field, asked, elsewhere } = await open({ event: "sync.failed" });
    await user.type(field("Event"), "_late");
    await elsewhere({ event: "http.request" });
    expect(field("Event")).toHaveValue("http.request");
    await aMoment();
    expect(asked()).toEqual({ event: "http.request" });
  });

  it("does not come back when the filters are cleared while it is typed", async () => {
    const { user, field, asked } = await open({ level: ["error"], minutes: 15 });
    await user.type(field("Text"), "disk");
    await user.click(screen.getByRole("button", { name: "Clear the filters" }));
    expect(field("Text")).toHaveValue("");
    await aMoment();
    expect(asked()).toEqual({ minutes: 15 });
  });
});

describe("the time that is looked at", () => {
  const since = "2026-03-01T10:00:00.000Z";

  it("keeps its fields while both are empty", async () => {
    const { user, field, asked, fill } = await open({ since });
    fill("From", "");
    await user.tab();
    fireEvent.blur(field("From"));
    await waitFor(() => expect(asked()).toEqual({}));
    expect(field("From")).toHaveValue("");
    fill("To", "2026-03-02T08:00");
    fireEvent.keyDown(field("To"), { key: "Enter" });
    await waitFor(() => expect(asked()).toEqual({ until: "2026-03-02T08:00:00.000Z" }));
  });

  it("is not asked for with each key, nor with the years that a field passes through", async () => {
    const { field, asked, fill } = await open({ since });
    for (const year of ["0002", "0020", "0202"]) {
      fill("From", `${year}-03-01T10:00`);
      expect(field("From")).toHaveValue(`${year}-03-01T10:00`);
    }
    fireEvent.blur(field("From"));
    expect(field("From")).toBeInvalid();
    expect(asked()).toEqual({ since });
    fill("From", "2025-03-01T10:00");
    expect(asked()).toEqual({ since });
    await waitFor(() => expect(asked()).toEqual({ since: "2025-03-01T10:00:00.000Z" }), { timeout: 2000 });
    expect(field("From")).toBeValid();
  });

  it("is not asked for while a part of it is missing", async () => {
    const { field, asked, fill } = await open({ since });
    fill("From", "");
    Object.defineProperty(field("From"), "validity", { value: { badInput: true } });
    fireEvent.blur(field("From"));
    expect(field("From")).toBeInvalid();
    expect(asked()).toEqual({ since });
  });

  it("is the last minutes again when these are chosen", async () => {
    const { elsewhere } = await open({ since });
    expect(screen.getByLabelText("From")).toBeVisible();
    await elsewhere({ minutes: 360 });
    expect(screen.queryByLabelText("From")).toBeNull();
  });
});

describe("a line's request", () => {
  it("is looked for around the line, however old that is", async () => {
    await show(<Lines lines={[logLine({ request_id: "abc-1" })]} />);
    await userEvent.click(await screen.findByRole("button", { name: /sync\.finished/ }));
    const link = screen.getByRole("link", { name: "Everything of this request" });
    const address = new URL((link as HTMLAnchorElement).href);
    expect(Object.fromEntries(address.searchParams)).toMatchObject({ request: "abc-1" });
    expect(address.searchParams.get("since")).toContain("2026-03-02T01:59:59");
    expect(address.searchParams.get("until")).toContain("2026-03-03T01:59:59");
  });
});
