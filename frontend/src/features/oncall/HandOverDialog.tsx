import { Button, Modal, Skeleton } from "@mantine/core";
import { useClipboard, useMediaQuery } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { handOverQuery } from "@/api/operations";
import type { HandOver } from "@/api/types";
import { Markdown, readMarkdown } from "@/components/Markdown";
import { ProblemPanel } from "@/components/ProblemPanel";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./HandOverDialog.module.css";

/** What whoever takes over the duty has to know, made anew each time it is opened. */
export default function HandOverDialog({ onClose }: { onClose: () => void }) {
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const { data, error, refetch } = useQuery(handOverQuery);
  return (
    <Modal
      opened
      onClose={onClose}
      title="Hand-over note"
      size="min(46rem, 96vw)"
      fullScreen={phone}
      centered={false}
      yOffset="4vh"
    >
      {data !== undefined ? (
        <Note note={data} onClose={onClose} />
      ) : error === null ? (
        <div aria-busy="true">
          <span className="visually-hidden">Making the note</span>
          <Skeleton height="24rem" />
        </div>
      ) : (
        <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
      )}
    </Modal>
  );
}

function Note({ note, onClose }: { note: HandOver; onClose: () => void }) {
  const zone = useZone();
  const text = useMemo(() => readMarkdown(note.text), [note.text]);
  const { copy, copied, error } = useClipboard({ timeout: 1500 });
  return (
    <div className={classes.root}>
      <p className="muted">
        As of <time dateTime={note.at}>{instantText(note.at, zone, true)}</time>. Opened again, it is made
        anew.
      </p>
      <Markdown of={text} level={3} />
      <div className={classes.buttons}>
        <p role="status" className={classes.said}>
          {error !== null
            ? "The browser did not let it be copied. Mark the text and copy it by hand."
            : copied
              ? "Copied as Markdown"
              : ""}
        </p>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button
          leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={() => copy(note.text)}
        >
          Copy
        </Button>
      </div>
    </div>
  );
}
