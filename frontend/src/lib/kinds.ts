import type { Problem } from "@/api/types";

/** What kind of failure it is, in a technician's words. */
export const kindWords = (kind: Problem["kind"] | null): string => {
  switch (kind) {
    case "transient":
      return "Temporary";
    case "auth":
      return "Sign-in";
    case "portal_changed":
      return "Portal changed";
    case "unknown_effect":
      return "Result unknown";
    case "business":
      return "Data";
    default:
      return "Failure";
  }
};
