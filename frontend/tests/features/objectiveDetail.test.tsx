import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { operationsKeys } from "@/api/operations";
import type { Session } from "@/api/types";
import { ObjectiveDetail } from "@/features/operations/ObjectiveDetail";
import { auth } from "@/lib/auth";
import { slo } from "./operationsData";
import { show } from "./render";

it.each(["America/New_York", "Pacific/Auckland"])("the days of a budget are the same in %s", async (zone) => {
  auth.accept({ access_token: "t", user: { time_zone: zone } } as Session);
  const known = slo();
  await show(<ObjectiveDetail slo={known} />, (queries) =>
    queries.setQueryData([...operationsKeys.slo, "history", known.id], {
      id: known.id,
      days: [
        { day: "2025-07-01", good: 1, total: 1, left: 1 },
        { day: "2025-07-02", good: 1, total: 1, left: 0.5 },
      ],
    }),
  );
  await userEvent.click(await screen.findByText("Figures"));
  const table = within(await screen.findByRole("region", { name: /^Figures of/ }));
  const days = table.getAllByRole("rowheader").map((head) => head.textContent);
  expect(days).toEqual(["Tue 1 Jul", "Wed 2 Jul"]);
});
