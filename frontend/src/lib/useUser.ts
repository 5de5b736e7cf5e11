import { useSyncExternalStore } from "react";
import type { User } from "@/api/types";
import { auth } from "./auth";

export const useMaybeUser = (): User | null => useSyncExternalStore(auth.subscribe, () => auth.get().user);

/** The signed-in person's time zone; the device's own while nobody is signed in. */
export const useZone = (): string =>
  useMaybeUser()?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
