/** Every write of the API, once, with the reads it makes old. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, done, file, unwrap } from "@/lib/api";
import { auth } from "@/lib/auth";
import { saveFile } from "@/lib/files";
import { noteJob } from "@/lib/jobs";
import { hasCode } from "@/lib/problems";
import { type BatchFilters, batchWish, keys } from "./queries";
import type {
  Batch,
  FormSettings,
  NewBatch,
  NewPoliteness,
  Person,
  PlanChoices,
  PreferencesChange,
  ProverList,
  RetryWhat,
  Role,
  StationType,
  TemplateChange,
  User,
} from "./types";

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
  choices: PlanChoices;
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

export type Command = "pause" | "resume" | "skip" | "stop";

export interface Steer {
  command: Command;
  /** Only with `skip`; without it the visit under way is meant. */
  visitId?: number;
}

export function useSteerBatch(batchId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ command, visitId }: Steer): Promise<Batch> => {
      const params = { path: { batch_id: batchId } };
      switch (command) {
        case "pause":
          return unwrap(client.POST("/api/batches/{batch_id}/pause", { params }));
        case "resume":
          return unwrap(client.POST("/api/batches/{batch_id}/resume", { params }));
        case "stop":
          return unwrap(client.POST("/api/batches/{batch_id}/stop", { params }));
        case "skip":
          return unwrap(
            client.POST("/api/batches/{batch_id}/skip", { params, body: { visit_id: visitId ?? null } }),
          );
      }
    },
    onSuccess: (batch) => queries.setQueryData(keys.batch(batch.id), batch),
    onSettled: () => {
      queries.invalidateQueries({ queryKey: keys.batches });
      queries.invalidateQueries({ queryKey: ["run"] });
    },
  });
}

function useBatchStarted() {
  const queries = useQueryClient();
  return (batch: Batch): void => {
    queries.setQueryData(keys.batch(batch.id), batch);
    queries.invalidateQueries({ queryKey: keys.batchLists });
    queries.invalidateQueries({ queryKey: ["runs"] });
  };
}

export function useStartBatch() {
  const started = useBatchStarted();
  return useMutation({
    mutationFn: (body: NewBatch) => unwrap(client.POST("/api/batches", { body })),
    onSuccess: started,
  });
}

export function useRetryBatch(batchId: string) {
  const started = useBatchStarted();
  return useMutation({
    mutationFn: (what: RetryWhat) =>
      unwrap(
        client.POST("/api/batches/{batch_id}/retry", {
          params: { path: { batch_id: batchId } },
          body: { what },
        }),
      ),
    onSuccess: started,
  });
}

/** The history as a file; the same filters as the list. */
export const useExportBatches = () =>
  useMutation({
    mutationFn: async (filters: BatchFilters) =>
      saveFile(
        await file(
          client.GET("/api/batches/export", { params: { query: batchWish(filters) }, parseAs: "blob" }),
        ),
        "fossawork-forms.csv",
      ),
  });

/** The evidence of a visit as PDF. */
export const useExportReport = (visitId: number) =>
  useMutation({
    mutationFn: async () =>
      saveFile(
        await file(
          client.GET("/api/visits/{visit_id}/forms/report.pdf", {
            params: { path: { visit_id: visitId } },
            parseAs: "blob",
          }),
        ),
        `visit-${visitId}.pdf`,
      ),
  });

/** Opens a browser window on the server's own computer, signed in to the portal. */
export const useOpenWindow = (visitId: number) =>
  useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/visits/{visit_id}/window", { params: { path: { visit_id: visitId } } })),
    onSuccess: (opening) => noteJob("window", opening.job_id, String(visitId)),
  });

export function useChangeFormSettings() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: FormSettings) => unwrap(client.PUT("/api/form-settings", { body })),
    onSuccess: (settings) => {
      queries.setQueryData(keys.formSettings, settings);
      queries.invalidateQueries({ queryKey: ["plan"] });
    },
  });
}

export function useChangeTemplate(station: StationType) {
  const queries = useQueryClient();
  return useMutation({
    // Without a body the built-in readings come back.
    mutationFn: (body: TemplateChange | null) => {
      const params = { path: { station } };
      return unwrap(
        body === null
          ? client.DELETE("/api/reading-templates/{station}", { params })
          : client.PUT("/api/reading-templates/{station}", { params, body }),
      );
    },
    onSuccess: (templates) => {
      queries.setQueryData(keys.templates, templates);
      queries.invalidateQueries({ queryKey: ["plan"] });
    },
  });
}

export function useChangePoliteness() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewPoliteness) => unwrap(client.PUT("/api/politeness", { body })),
    onSuccess: (politeness) => queries.setQueryData(keys.politeness, politeness),
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

/** Gives a person another role; it holds from their next request on. */
export function useChangeRole() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, role }: { id: string; role: Role }) =>
      unwrap(client.PATCH("/api/users/{user_id}", { params: { path: { user_id: id } }, body: { role } })),
    onSuccess: async (person) => {
      queries.setQueryData<Person[]>(keys.people, (people) =>
        people?.map((one) => (one.id === person.id ? person : one)),
      );
      // What one may no longer do must go from the screen at once.
      if (person.id === auth.get().user?.id) await reloadUser();
    },
  });
}
