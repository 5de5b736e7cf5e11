/** Every write of the operations side, once, with the reads it makes old. */
import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, done, file, unwrap } from "@/lib/api";
import { saveFile } from "@/lib/files";
import { operationsKeys as keys } from "./operations";
import type {
  AlertDetail,
  Incident,
  IncidentChange,
  IncidentMove,
  IncidentUpdate,
  NewAction,
  NewIncident,
  NewMaintenance,
  NewSilence,
} from "./types";

const renew = (queries: QueryClient, ...queryKeys: (readonly unknown[])[]): void => {
  for (const queryKey of queryKeys) queries.invalidateQueries({ queryKey });
};

function useAlertWritten() {
  const queries = useQueryClient();
  return (alert: AlertDetail): void => {
    queries.setQueryData(keys.alert(alert.id), alert);
    renew(queries, keys.alerts, keys.incidents);
  };
}

export const useAcknowledge = (alertId: string) =>
  useMutation({
    mutationFn: () =>
      unwrap(
        client.POST("/api/operations/alerts/{alert_id}/acknowledge", {
          params: { path: { alert_id: alertId } },
        }),
      ),
    onSuccess: useAlertWritten(),
  });

export const useResolve = (alertId: string) =>
  useMutation({
    mutationFn: (words: string) =>
      unwrap(
        client.POST("/api/operations/alerts/{alert_id}/resolve", {
          params: { path: { alert_id: alertId } },
          body: { words },
        }),
      ),
    onSuccess: useAlertWritten(),
  });

export function useSilence() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewSilence) => unwrap(client.POST("/api/operations/silences", { body })),
    onSuccess: () => renew(queries, keys.alerts),
  });
}

export function useEndSilence() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      done(client.DELETE("/api/operations/silences/{silence_id}", { params: { path: { silence_id: id } } })),
    onSettled: () => renew(queries, keys.alerts),
  });
}

export function usePlanMaintenance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewMaintenance) => unwrap(client.POST("/api/operations/maintenance", { body })),
    onSuccess: () => renew(queries, keys.alerts, keys.slo, keys.probes),
  });
}

export function useEndMaintenance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      done(client.DELETE("/api/operations/maintenance/{window_id}", { params: { path: { window_id: id } } })),
    onSettled: () => renew(queries, keys.alerts),
  });
}

function useIncidentWritten() {
  const queries = useQueryClient();
  return async (incident: Incident): Promise<void> => {
    // What was asked for before the write would put the old back.
    await queries.cancelQueries({ queryKey: keys.incident(incident.id) });
    queries.setQueryData(keys.incident(incident.id), incident);
    queries.invalidateQueries({ queryKey: [...keys.incidents, "list"] });
    queries.invalidateQueries({ queryKey: [...keys.incidents, "latest"] });
  };
}

export const useOpenIncident = () =>
  useMutation({
    mutationFn: (body: NewIncident) => unwrap(client.POST("/api/operations/incidents", { body })),
    onSuccess: useIncidentWritten(),
  });

const at = (incidentId: string) => ({ params: { path: { incident_id: incidentId } } });

export const useChangeIncident = (id: string) =>
  useMutation({
    mutationFn: (body: IncidentChange) =>
      unwrap(client.PATCH("/api/operations/incidents/{incident_id}", { ...at(id), body })),
    onSuccess: useIncidentWritten(),
  });

export const useMoveIncident = (id: string) =>
  useMutation({
    mutationFn: (body: IncidentMove) =>
      unwrap(client.POST("/api/operations/incidents/{incident_id}/status", { ...at(id), body })),
    onSuccess: useIncidentWritten(),
  });

export const useAddNote = (id: string) =>
  useMutation({
    mutationFn: (text: string) =>
      unwrap(client.POST("/api/operations/incidents/{incident_id}/notes", { ...at(id), body: { text } })),
    onSuccess: useIncidentWritten(),
  });

export const useSendUpdate = (id: string) =>
  useMutation({
    mutationFn: (body: IncidentUpdate) =>
      unwrap(client.POST("/api/operations/incidents/{incident_id}/updates", { ...at(id), body })),
    onSuccess: useIncidentWritten(),
  });

export const useAddAction = (id: string) =>
  useMutation({
    mutationFn: (body: NewAction) =>
      unwrap(client.POST("/api/operations/incidents/{incident_id}/actions", { ...at(id), body })),
    onSuccess: useIncidentWritten(),
  });

export const useFinishAction = (id: string) =>
  useMutation({
    mutationFn: (actionId: string) =>
      unwrap(
        client.POST("/api/operations/incidents/{incident_id}/actions/{action_id}/done", {
          params: { path: { incident_id: id, action_id: actionId } },
        }),
      ),
    onSuccess: useIncidentWritten(),
  });

export const useTakeEvidence = (id: string) =>
  useMutation({
    mutationFn: () => unwrap(client.POST("/api/operations/incidents/{incident_id}/evidence", at(id))),
    onSuccess: useIncidentWritten(),
  });

/** Names the files of the evidence that are not what they were. */
export const useCheckEvidence = (id: string) =>
  useMutation({
    mutationFn: () => unwrap(client.GET("/api/operations/incidents/{incident_id}/evidence/altered", at(id))),
  });

export const useSavePostMortem = (id: string) =>
  useMutation({
    mutationFn: async () =>
      saveFile(
        await file(
          client.GET("/api/operations/incidents/{incident_id}/post-mortem", { ...at(id), parseAs: "blob" }),
        ),
        `${id}.md`,
      ),
  });
