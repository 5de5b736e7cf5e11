import type { User } from "@/api/types";

/** Who may see how FossaWork itself is doing; the server decides it again with every request. */
export const isOperator = (user: Pick<User, "role"> | null): boolean =>
  user?.role === "operator" || user?.role === "admin";
