import type { SyncRun } from "@/api/types";
import type { Tone } from "@/lib/operations";

export const stateWords = (state: SyncRun["state"]): { tone: Tone; words: string } => {
  switch (state) {
    case "queued":
      return { tone: "busy", words: "Waiting" };
    case "running":
      return { tone: "busy", words: "Running" };
    case "succeeded":
      return { tone: "ok", words: "Complete" };
    case "partial":
      return { tone: "warn", words: "Partly" };
    case "failed":
      return { tone: "bad", words: "Failed" };
  }
};
