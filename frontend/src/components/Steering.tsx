import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPlayerPause, IconPlayerPlay, IconPlayerSkipForward, IconPlayerStop } from "@tabler/icons-react";
import { type Command, useSteerBatch } from "@/api/mutations";
import type { Batch } from "@/api/types";
import { isAtWork, mayPause, mayResume, mayStop } from "@/lib/batches";
import { count } from "@/lib/words";
import { ProblemPanel } from "./ProblemPanel";
import classes from "./Steering.module.css";

interface Props {
  batch: Pick<Batch, "id" | "state" | "visits" | "name">;
  /** Whether the visit under way can be left out from here; by itself where there are others. */
  skip?: boolean;
}

/**
 * Pause, resume, skip and stop of a batch. What does not fit its state stays in its place, switched off. Pause stands
 * last, where the button that started the run was: a second click there must not end what the first one began.
 */
export function Steering({ batch, skip = batch.visits.length > 1 }: Props) {
  const steer = useSteerBatch(batch.id);
  const { state } = batch;
  const left = batch.visits.filter((visit) => visit.state === "waiting" || visit.state === "running");
  const under = left.find((visit) => visit.state === "running");
  const send = (command: Command) => steer.mutate({ command });
  const busy = (command: Command): boolean => steer.isPending && steer.variables.command === command;
  const stop = () => {
    if (left.length <= 1) return send("stop");
    modals.openConfirmModal({
      title: "Stop this batch?",
      children: (
        <Text size="md">
          {count(left.length, "visit")} of “{batch.name}” will not be finished. What was saved stays, and you
          can retry the rest later.
        </Text>
      ),
      labels: { confirm: "Stop the batch", cancel: "Go on" },
      confirmProps: { color: "red.9" },
      onConfirm: () => send("stop"),
    });
  };
  return (
    <div className={classes.root}>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields, these are commands */}
      <div className={classes.buttons} role="group" aria-label={`Steer ${batch.name}`}>
        <Button
          variant="default"
          leftSection={<IconPlayerStop size={16} aria-hidden />}
          loading={busy("stop")}
          disabled={!mayStop(state)}
          onClick={stop}
        >
          {state === "stopping" ? "Stopping" : "Stop"}
        </Button>
        {skip && (
          <Button
            variant="default"
            leftSection={<IconPlayerSkipForward size={16} aria-hidden />}
            loading={busy("skip")}
            disabled={left.length === 0 || state === "stopping"}
            onClick={() => send("skip")}
            title={
              under === undefined
                ? "Leave out the next visit"
                : `Leave out the rest of visit ${under.visit_id}`
            }
          >
            Skip
          </Button>
        )}
        {mayResume(state) ? (
          <Button
            variant="default"
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            loading={busy("resume")}
            onClick={() => send("resume")}
          >
            {state === "waiting" ? "Go on now" : "Resume"}
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<IconPlayerPause size={16} aria-hidden />}
            loading={busy("pause")}
            disabled={!mayPause(state)}
            onClick={() => send("pause")}
          >
            Pause
          </Button>
        )}
      </div>
      {steer.error !== null && (isAtWork(state) || mayStop(state)) && (
        <ProblemPanel level={3} error={steer.error} />
      )}
    </div>
  );
}
