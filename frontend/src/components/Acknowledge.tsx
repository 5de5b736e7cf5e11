import { Button } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import type { RefObject } from "react";
import { useAcknowledge } from "@/api/operationsWrites";
import type { AlertItem } from "@/api/types";
import { isMuted } from "@/lib/alerts";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { useFocusAfter } from "@/lib/useFocusAfter";

interface Props {
  alert: AlertItem;
  /** The title of the alert: it has the focus when this is gone. */
  title: RefObject<HTMLElement | null>;
  size?: "xs" | "sm";
}

/** Takes an alert on: from then on nobody else is called. Not there once somebody has. */
export function Acknowledge({ alert, title, size = "xs" }: Props) {
  const acknowledge = useAcknowledge(alert.id);
  const there = alert.phase === "firing";
  useFocusAfter(acknowledge.isSuccess && !there, title);
  if (!there) return null;
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
