import { Button, Modal, Textarea } from "@mantine/core";
import { useState } from "react";
import { useResolve } from "@/api/operationsWrites";
import type { AlertItem } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import classes from "./Dialog.module.css";

/** Asks why an alert is over; the answer is part of its story. */
export default function ResolveDialog({ alert, onClose }: { alert: AlertItem; onClose: () => void }) {
  const resolve = useResolve(alert.id);
  const [words, setWords] = useState("");
  const errors = fieldErrors(resolve.error);
  return (
    <Modal opened onClose={onClose} title={`Resolve: ${alert.title}`}>
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          resolve.mutate(words.trim(), {
            onSuccess: () => {
              notifyDone("The alert is over. If the trouble is not, it fires again.");
              onClose();
            },
          });
        }}
      >
        <Textarea
          label="Why is it over?"
          description="If the trouble is still there, the next look fires the alert again."
          data-autofocus
          autosize
          minRows={3}
          maxRows={8}
          maxLength={1000}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          error={errors.words}
        />
        {resolve.error !== null && Object.keys(errors).length === 0 && (
          <ProblemPanel error={resolve.error} level={3} />
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={words.trim().length < 3} loading={resolve.isPending}>
            Resolve the alert
          </Button>
        </div>
      </form>
    </Modal>
  );
}
