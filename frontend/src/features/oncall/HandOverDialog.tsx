import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { handOverQuery } from "@/api/oncall";
import { CopyText } from "@/components/CopyText";
import classes from "./OnCall.module.css";
import { Waiting } from "./Waiting";

/** What whoever takes over has to know, as it stands at this moment. */
export default function HandOverDialog({ onClose }: { onClose: () => void }) {
  const { data, error, refetch } = useQuery(handOverQuery);
  return (
    <Modal opened onClose={onClose} title="Hand-over note" size="lg">
      {data === undefined ? (
        <Waiting what="the note" height={320} error={error} onRetry={() => refetch()} />
      ) : (
        <>
          <pre className={classes.note}>{data.text}</pre>
          <CopyText label="Copy the note" text={data.text} shown="" />
        </>
      )}
    </Modal>
  );
}
