import { notifications } from "@mantine/notifications";
import { asProblem } from "./problems";

/** Toasts tell the result of the person's own action, nothing else. */
export const notifyDone = (message: string): void => {
  notifications.show({ message, color: "petrol", withBorder: true });
};

export const notifyProblem = (error: unknown): void => {
  const { problem } = asProblem(error);
  const reference = problem.reference === "" ? "" : ` (reference ${problem.reference})`;
  notifications.show({
    title: problem.title,
    message: `${problem.detail} ${problem.action}${reference}`.trim(),
    color: "red",
    withBorder: true,
    autoClose: 12_000,
  });
};
