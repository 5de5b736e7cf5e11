import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { useAcknowledge } from "@/api/operationsWrites";
import type { AlertItem } from "@/api/types";
import { isMuted } from "@/lib/alerts";
import { notifyDone, notifyProblem } from "@/lib/notify";

/** Takes an alert on: from then on nobody else is called. Not there once somebody has. */
export function Acknowledge({ alert, size = "xs" }: { alert: AlertItem; size?: "xs" | "sm" }) {
  const acknowledge = useAcknowledge(alert.id);
  if (alert.phase !== "firing") return null;
  return (
    <Button
      size={size}
      variant={isMuted(alert) ? "default" : "filled"}
      leftSection={<IconHandStop size={15} aria-hidden />}
      loading={acknowledge.isPending}
      onClick={() =>
        acknowledge.mutate(undefined, {
          onSuccess: () => notifyDone("You look after it now. Nobody else is called."),
          onError: notifyProblem,
        })
      }
      aria-label={`Acknowledge: ${alert.title}`}
    >
      Acknowledge
    </Button>
  );
}
