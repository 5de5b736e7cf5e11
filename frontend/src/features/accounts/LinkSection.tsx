import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useUnlink } from "@/api/mutations";
import type { LinkStatus } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ProblemPanel } from "@/components/ProblemPanel";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone, notifyProblem } from "@/lib/notify";
import type { Tone } from "@/lib/operations";
import { useMaybeUser } from "@/lib/useUser";
import { LinkForm, linkProblem } from "./LinkForm";

const STATES: Record<LinkStatus["state"], { tone: Tone; words: string }> = {
  none: { tone: "idle", words: "Not linked" },
  checking: { tone: "busy", words: "Checking" },
  linked: { tone: "ok", words: "Linked" },
  rejected: { tone: "bad", words: "Credentials refused" },
  failed: { tone: "bad", words: "Check failed" },
};

export function LinkSection() {
  const user = useMaybeUser();
  const unlink = useUnlink();
  const navigate = useNavigate();
  const [editing, setEditing] = useState(false);
  if (user === null) return null;
  const { link } = user;
  const state = STATES[link.state];
  const sandbox = link.portal === "sandbox";
  const name = sandbox ? "the sandbox portal" : "WorkFossa";

  const confirm = () =>
    modals.openConfirmModal({
      title: `Unlink ${name}?`,
      children: (
        <Text size="md">
          The stored credentials are deleted. Syncs and form runs stop until an account is linked again. Your
          work orders, form runs and settings stay.
        </Text>
      ),
      labels: { confirm: "Unlink", cancel: "Keep it" },
      confirmProps: { color: "red.9" },
      onConfirm: () =>
        unlink.mutate(undefined, {
          onSuccess: () => notifyDone("Unlinked. The credentials are deleted."),
          onError: notifyProblem,
        }),
    });

  const showForm = !user.is_sandbox && (editing || link.state === "checking" || link.state === "none");
  return (
    <>
      <div style={{ display: "flex", flexWrap: "wrap", alignItems: "center", gap: "0.5rem 1rem" }}>
        <StatusDot tone={state.tone}>
          {state.words}
          {link.state !== "none" && ` · ${sandbox ? "Sandbox portal" : "WorkFossa"}`}
        </StatusDot>
        {link.username_hint !== null && <span className="muted">{link.username_hint}</span>}
        {link.checked_at !== null && (
          <span className="muted">
            checked <Ago instant={link.checked_at} zone={user.time_zone} />
          </span>
        )}
        {!showForm && (
          <span style={{ display: "flex", gap: "0.5rem", marginLeft: "auto" }}>
            <Button
              size="xs"
              variant="default"
              onClick={() => (user.is_sandbox ? navigate({ to: "/connect" }) : setEditing(true))}
            >
              {sandbox ? "Connect to WorkFossa" : "Change credentials"}
            </Button>
            {!user.is_sandbox && (
              <Button
                size="xs"
                variant="default"
                c="var(--fw-bad)"
                onClick={confirm}
                loading={unlink.isPending}
              >
                Unlink
              </Button>
            )}
          </span>
        )}
      </div>
      {!showForm && (link.state === "rejected" || link.state === "failed") && (
        <ProblemPanel level={3} error={linkProblem(link.error_code, link.error_detail, link.error_action)} />
      )}
      {showForm && (
        <LinkForm
          link={link}
          onLinked={() => {
            setEditing(false);
            notifyDone("WorkFossa is linked.");
          }}
          {...(link.state === "none" || link.state === "checking"
            ? {}
            : { onCancel: () => setEditing(false) })}
        />
      )}
    </>
  );
}
