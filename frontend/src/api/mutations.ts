/** Every write of the API, once, with the reads it makes old. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, done, unwrap } from "@/lib/api";
import { auth } from "@/lib/auth";
import { noteJob } from "@/lib/jobs";
import { hasCode } from "@/lib/problems";
import { keys } from "./queries";
import type { GradeChoice, PreferencesChange, ProverList, User } from "./types";

export interface Login {
  email: string;
  password: string;
}

export interface PortalLogin {
  username: string;
  password: string;
}

const setup = { onSuccess: auth.accept };

export const useSignIn = () =>
  useMutation({ mutationFn: (body: Login) => unwrap(client.POST("/api/auth/sign-in", { body })), ...setup });

export const useCreateOwner = () =>
  useMutation({ mutationFn: (body: Login) => unwrap(client.POST("/api/setup/owner", { body })), ...setup });

export const useStartSandbox = () =>
  useMutation({ mutationFn: () => unwrap(client.POST("/api/setup/sandbox")), ...setup });

export function useLinkPortal() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (login: PortalLogin) =>
      unwrap(client.POST("/api/portal-link", { body: { portal: "workfossa", ...login } })),
    onSuccess: (check) => {
      noteJob("link", check.job_id, "link");
      const user = auth.get().user;
      if (user !== null) auth.setUser({ ...user, link: check.link });
      queries.invalidateQueries({ queryKey: keys.syncStatus });
    },
  });
}

export function useUnlink() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => done(client.DELETE("/api/portal-link")),
    onSuccess: async () => {
      await reloadUser();
      queries.invalidateQueries({ queryKey: keys.syncStatus });
    },
  });
}

/** Reads the signed-in user again, e.g. after the link to the portal has changed. */
export async function reloadUser(): Promise<User> {
  const user = await unwrap(client.GET("/api/me"));
  auth.setUser(user);
  return user;
}

export const useChangePreferences = () => {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: PreferencesChange) => unwrap(client.PATCH("/api/me", { body })),
    onSuccess: (user) => {
      auth.setUser(user);
      queries.invalidateQueries({ queryKey: keys.weeks });
    },
  });
};

export interface SyncWish {
  /** Read every location again, also those read recently. */
  everything?: boolean;
  /** Take an empty work list as true, though there was work before. */
  acceptEmpty?: boolean;
}

export function useStartSync() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ everything = false, acceptEmpty = false }: SyncWish = {}) =>
      unwrap(
        client.POST("/api/syncs", { body: { refresh_locations: everything, accept_empty: acceptEmpty } }),
      ),
    onSuccess: (run) => noteJob("sync", run.id, "sync"),
    onSettled: () => {
      queries.invalidateQueries({ queryKey: keys.syncStatus });
      queries.invalidateQueries({ queryKey: keys.syncs });
      queries.invalidateQueries({ queryKey: keys.weeks });
    },
  });
}

export const useCheckForms = (visitId: number) =>
  useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/visits/{visit_id}/forms/check", { params: { path: { visit_id: visitId } } })),
    onSuccess: (check) => noteJob("visit_check", check.job_id, String(visitId)),
  });

export interface RunRequest {
  digest: string;
  choices: GradeChoice[];
}

export function useStartRun(visitId: number) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: RunRequest) =>
      unwrap(
        client.POST("/api/visits/{visit_id}/forms/runs", {
          params: { path: { visit_id: visitId } },
          body,
        }),
      ),
    onSuccess: (run) => {
      queries.setQueryData(keys.run(run.id), run);
      noteJob("form_run", run.id, String(visitId));
    },
    onError: (error) => {
      if (hasCode(error, "plan_changed")) queries.invalidateQueries({ queryKey: keys.plan(visitId) });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.runs(visitId) }),
  });
}

export function useStopRun(runId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/form-runs/{run_id}/stop", { params: { path: { run_id: runId } } })),
    onSuccess: (run) => queries.setQueryData(keys.run(runId), run),
  });
}

export function useChangeProvers() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (provers: ProverList) =>
      unwrap(
        client.PUT("/api/provers", {
          body: {
            items: provers.items.map(({ prover_id, position, preferred }) => ({
              prover_id,
              position,
              preferred,
            })),
            auto_position_ethanol_free: provers.auto_position_ethanol_free,
          },
        }),
      ),
    onSuccess: (provers) => {
      queries.setQueryData(keys.provers, provers);
      queries.invalidateQueries({ queryKey: ["plan"] });
    },
  });
}
