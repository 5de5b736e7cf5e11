import { Button, Modal, Skeleton, Text } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { type ReactNode, useState } from "react";
import classes from "./FormModal.module.css";
import { ProblemPanel } from "./ProblemPanel";
import { Refusal } from "./Refusal";

interface Props {
  title: string;
  size?: string;
  /** Much to write: it begins near the top, and takes the whole screen of a phone. */
  tall?: boolean;
  /** What the fields offer comes from this; until it is there, nothing can be filled in or sent. */
  needs?: { data: unknown; error: unknown; refetch: () => unknown } | undefined;
  writing: { error: unknown; isPending: boolean };
  /** The fields that say themselves what the server has against them. */
  shown?: readonly string[];
  /** Null: there is nothing to send. */
  submit: string | null;
  cancel?: string;
  disabled?: boolean;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** A form in a dialog. What was typed is not lost by a stray click or key: closing asks first. */
export function FormModal(props: Props) {
  const { title, size, tall = false, needs, writing, shown = [], submit, cancel = "Cancel" } = props;
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const [touched, setTouched] = useState(false);
  const [asking, setAsking] = useState(false);
  const ready = needs === undefined || needs.data !== undefined;
  const disabled = props.disabled === true || !ready;
  const close = () => {
    if (!touched) return props.onClose();
    setAsking(true);
    modals.openConfirmModal({
      title: "Leave without saving?",
      children: <Text size="md">What you have filled in will be lost.</Text>,
      labels: { confirm: "Leave without saving", cancel: "Stay here" },
      confirmProps: { color: "red.9" },
      onConfirm: props.onClose,
      onClose: () => setAsking(false),
    });
  };
  return (
    <Modal
      opened
      onClose={close}
      closeOnClickOutside={false}
      // Escape is for the question while it stands.
      closeOnEscape={!asking}
      title={title}
      {...(size === undefined ? {} : { size })}
      {...(tall ? { fullScreen: phone, centered: false, yOffset: "4vh" } : {})}
    >
      <form
        className={classes.form}
        onChange={() => setTouched(true)}
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && !writing.isPending) props.onSubmit();
        }}
      >
        {ready ? props.children : <Waiting needs={needs} />}
        <Refusal error={writing.error} shown={shown} />
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            {cancel}
          </Button>
          {submit !== null && (
            <Button type="submit" disabled={disabled} loading={writing.isPending}>
              {submit}
            </Button>
          )}
        </div>
      </form>
    </Modal>
  );
}

function Waiting({ needs }: { needs: NonNullable<Props["needs"]> }) {
  return needs.error === null ? (
    <div aria-busy="true">
      <span className="visually-hidden">Loading what there is to choose from</span>
      <Skeleton height="12rem" />
    </div>
  ) : (
    <ProblemPanel error={needs.error} onRetry={() => needs.refetch()} level={3} />
  );
}
