/** Every write of on-call duty and of what messages are sent by, once. Administrators only, but for test messages. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { client, done, unwrap } from "@/lib/api";
import { operationsKeys as keys } from "./operations";
import type {
  ContactChange,
  NewContact,
  NewNotificationSettings,
  NewOfficeHours,
  NewOverride,
  NewRota,
  TrialMessage,
} from "./types";

function useRenewed(...more: (readonly string[])[]) {
  const queries = useQueryClient();
  return () => {
    for (const queryKey of [keys.onCall, ...more]) queries.invalidateQueries({ queryKey });
  };
}

const contact = (id: string) => ({ params: { path: { contact_id: id } } });

export const useAddContact = () =>
  useMutation({
    mutationFn: (body: NewContact) => unwrap(client.POST("/api/operations/on-call/contacts", { body })),
    onSuccess: useRenewed(),
  });

export const useChangeContact = (id: string) =>
  useMutation({
    mutationFn: (body: ContactChange) =>
      unwrap(client.PATCH("/api/operations/on-call/contacts/{contact_id}", { ...contact(id), body })),
    onSuccess: useRenewed(),
  });

export const useRemoveContact = (id: string) =>
  useMutation({
    mutationFn: () => done(client.DELETE("/api/operations/on-call/contacts/{contact_id}", contact(id))),
    onSuccess: useRenewed(),
  });

export const useVerifyContact = (id: string) =>
  useMutation({
    mutationFn: () =>
      unwrap(client.POST("/api/operations/on-call/contacts/{contact_id}/verify", contact(id))),
    onSuccess: useRenewed(),
  });

export const useTestContact = (id: string) =>
  useMutation({
    mutationFn: () => unwrap(client.POST("/api/operations/on-call/contacts/{contact_id}/test", contact(id))),
    onSuccess: useRenewed(keys.notifications),
  });

export const useAddOverride = () =>
  useMutation({
    mutationFn: (body: NewOverride) => unwrap(client.POST("/api/operations/on-call/overrides", { body })),
    onSuccess: useRenewed(),
  });

export const useRemoveOverride = (id: string) =>
  useMutation({
    mutationFn: () =>
      done(
        client.DELETE("/api/operations/on-call/overrides/{override_id}", {
          params: { path: { override_id: id } },
        }),
      ),
    onSuccess: useRenewed(),
  });

export const useSetRota = () =>
  useMutation({
    mutationFn: (body: NewRota) => unwrap(client.PUT("/api/operations/on-call/rota", { body })),
    onSuccess: useRenewed(),
  });

export const useRemoveRota = (id: string) =>
  useMutation({
    mutationFn: () =>
      done(client.DELETE("/api/operations/on-call/rotas/{rota_id}", { params: { path: { rota_id: id } } })),
    onSuccess: useRenewed(),
  });

export const useSetHours = () =>
  useMutation({
    mutationFn: (body: NewOfficeHours) => unwrap(client.PUT("/api/operations/on-call/hours", { body })),
    onSuccess: useRenewed(),
  });

export function useSetChannels() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewNotificationSettings) =>
      unwrap(client.PUT("/api/operations/notifications/settings", { body })),
    onSuccess: (settings) => {
      queries.setQueryData([...keys.notifications, "settings"], settings);
      queries.invalidateQueries({ queryKey: keys.onCall });
    },
  });
}

export const useSendTrial = () =>
  useMutation({
    mutationFn: (body: TrialMessage) => unwrap(client.POST("/api/operations/notifications/test", { body })),
    onSuccess: useRenewed(keys.notifications),
  });
