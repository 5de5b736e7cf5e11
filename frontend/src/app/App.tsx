import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useEffect } from "react";
import { auth } from "@/lib/auth";
import { queryClient } from "./queryClient";
import { router } from "./router";
import { cssVariables, theme } from "./theme";

// The same key is read by public/scheme.js before the first paint.
const schemes = localStorageColorSchemeManager({ key: "fossawork-scheme" });

export function App() {
  useEffect(() => {
    let before = auth.get().user?.id;
    return auth.subscribe(() => {
      const { user } = auth.get();
      if (before !== undefined && user !== null && user.id !== before) {
        queryClient.clear();
      } else if (before !== undefined && user === null) {
        // The guard leads to the sign-in page; after that nothing of one person may be left for the next.
        router.invalidate().finally(() => queryClient.clear());
      }
      before = user?.id;
    });
  }, []);

  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      colorSchemeManager={schemes}
      defaultColorScheme="auto"
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <RouterProvider router={router} />
          <Notifications position="bottom-right" autoClose={4000} limit={3} />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
