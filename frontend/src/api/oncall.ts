/** Reads and writes of on-call duty and of what messages are sent by. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { client, done, unwrap } from "@/lib/api";
import { operationsKeys as keys, LIVE } from "./operations";
import type { NewContact, NewNotificationSettings, NewOverride, NewRota } from "./types";

export const dutyQuery = queryOptions({
  queryKey: [...keys.onCall, "now"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call", { signal })),
  refetchInterval: LIVE * 4,
  staleTime: 15_000,
});

export const calendarQuery = queryOptions({
  queryKey: [...keys.onCall, "calendar"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call/calendar", { signal })),
  staleTime: 60_000,
});

export const contactsQuery = queryOptions({
  queryKey: [...keys.onCall, "contacts"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call/contacts", { signal })),
  staleTime: 60_000,
});

export const handOverQuery = queryOptions({
  queryKey: [...keys.onCall, "hand-over"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/on-call/hand-over", { signal })),
  staleTime: 0,
});

export const channelsQuery = queryOptions({
  queryKey: [...keys.onCall, "channels"],
  queryFn: ({ signal }) => unwrap(client.GET("/api/operations/notifications/settings", { signal })),
  staleTime: 60_000,
});

export const messagesQuery = queryOptions({
  queryKey: [...keys.onCall, "messages"],
  queryFn: ({ signal }) =>
    unwrap(client.GET("/api/operations/notifications", { params: { query: { limit: 30 } }, signal })),
  refetchInterval: LIVE,
  staleTime: 5_000,
});

/** Everything of the duty is read anew: one contact more changes who is told at every level. */
function useRenew() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: keys.onCall });
}

export const useAddContact = () =>
  useMutation({
    mutationFn: (body: NewContact) => unwrap(client.POST("/api/operations/on-call/contacts", { body })),
    onSuccess: useRenew(),
  });

const ofContact = (id: string) => ({ params: { path: { contact_id: id } } });

export const useVerifyContact = () =>
  useMutation({
    mutationFn: (id: string) =>
      unwrap(client.POST("/api/operations/on-call/contacts/{contact_id}/verify", ofContact(id))),
    onSuccess: useRenew(),
  });

export const useTestContact = () =>
  useMutation({
    mutationFn: (id: string) =>
      unwrap(client.POST("/api/operations/on-call/contacts/{contact_id}/test", ofContact(id))),
    onSuccess: useRenew(),
  });

export const useRemoveContact = () =>
  useMutation({
    mutationFn: (id: string) =>
      done(client.DELETE("/api/operations/on-call/contacts/{contact_id}", ofContact(id))),
    onSuccess: useRenew(),
  });

export const useSetRota = () =>
  useMutation({
    mutationFn: (body: NewRota) => unwrap(client.PUT("/api/operations/on-call/rota", { body })),
    onSuccess: useRenew(),
  });

export const useAddOverride = () =>
  useMutation({
    mutationFn: (body: NewOverride) => unwrap(client.POST("/api/operations/on-call/overrides", { body })),
    onSuccess: useRenew(),
  });

export const useRemoveOverride = () =>
  useMutation({
    mutationFn: (id: string) =>
      done(
        client.DELETE("/api/operations/on-call/overrides/{override_id}", {
          params: { path: { override_id: id } },
        }),
      ),
    onSuccess: useRenew(),
  });

export const useSetChannels = () =>
  useMutation({
    mutationFn: (body: NewNotificationSettings) =>
      unwrap(client.PUT("/api/operations/notifications/settings", { body })),
    onSuccess: useRenew(),
  });

export const useTestMessage = () =>
  useMutation({
    mutationFn: () => unwrap(client.POST("/api/operations/notifications/test", { body: {} })),
    onSuccess: useRenew(),
  });
