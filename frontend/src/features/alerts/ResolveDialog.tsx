import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useResolve } from "@/api/operationsWrites";
import type { AlertItem } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";

/** Asks why an alert is over; the answer is part of its story. */
export default function ResolveDialog({ alert, onClose }: { alert: AlertItem; onClose: () => void }) {
  const resolve = useResolve(alert.id);
  const [words, setWords] = useState("");
  const errors = fieldErrors(resolve.error);
  return (
    <FormModal
      title={`Resolve: ${alert.title}`}
      writing={resolve}
      shown={["words"]}
      submit="Resolve the alert"
      disabled={words.trim().length < 3}
      onSubmit={() =>
        resolve.mutate(words.trim(), {
          onSuccess: () => {
            notifyDone("The alert is over. If the trouble is not, it fires again.");
            onClose();
          },
        })
      }
      onClose={onClose}
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
    </FormModal>
  );
}
