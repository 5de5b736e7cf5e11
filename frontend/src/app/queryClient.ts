import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "@/lib/problems";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      retry: (failures, error) =>
        error instanceof ApiProblem &&
        error.problem.kind === "transient" &&
        error.status !== 429 &&
        failures < 1,
      retryDelay: 800,
    },
    mutations: { retry: false },
  },
});
