import { useQuery } from "@tanstack/react-query";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { incidentQuery, operationsKeys } from "@/api/operations";
import { Timeline } from "@/features/incidents/Timeline";
import { incident } from "./operationsData";
import { show } from "./render";

/** A server that answers when it is told to. */
function server() {
  const calls: { method: string; answer: (body: unknown) => void }[] = [];
  vi.stubGlobal(
    "fetch",
    (request: Request) =>
      new Promise((resolve, reject) => {
        request.signal.addEventListener("abort", () => reject(new DOMException("stopped", "AbortError")));
        calls.push({ method: request.method, answer: (body) => resolve(Response.json(body)) });
      }),
  );
  return calls;
}

const send = () => fireEvent.keyDown(screen.getByLabelText("Note"), { key: "Enter", ctrlKey: true });

describe("a note", () => {
  it("is added once, and not without words, however it is sent", async () => {
    const calls = server();
    await show(<Timeline incident={incident()} />);
    await userEvent.type(await screen.findByLabelText("Note"), " ");
    send();
    await userEvent.type(screen.getByLabelText("Note"), "restarted");
    send();
    await waitFor(() => expect(calls).toHaveLength(1));
    send();
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(calls).toHaveLength(1);
  });

  it("is not undone by an answer that is older than it", async () => {
    const calls = server();
    const written = incident({ title: "Written" });
    function Page() {
      const { data = written } = useQuery({ ...incidentQuery(written.id), refetchInterval: false });
      return (
        <>
          <p>{data.title}</p>
          <Timeline incident={data} />
        </>
      );
    }
    const { queries } = await show(<Page />, (known) =>
      known.setQueryData(operationsKeys.incident(written.id), incident({ title: "Old" })),
    );
    await userEvent.type(await screen.findByLabelText("Note"), "restarted");
    act(() => void queries.refetchQueries({ queryKey: operationsKeys.incident(written.id) }));
    await waitFor(() => expect(calls).toHaveLength(1));
    send();
    await waitFor(() => expect(calls).toHaveLength(2));
    calls[1]?.answer(written);
    expect(await screen.findByText("Written")).toBeVisible();
    calls[0]?.answer(incident({ title: "Old" }));
    await act(() => new Promise((resolve) => setTimeout(resolve, 50)));
    expect(screen.getByText("Written")).toBeVisible();
  });
});
