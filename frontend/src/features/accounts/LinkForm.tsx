import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useEffect, useRef, useState } from "react";
import { reloadUser, useLinkPortal } from "@/api/mutations";
import type { LinkStatus } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Steps } from "@/components/Steps";
import { failureOf, stepsFrom } from "@/lib/jobSteps";
import { forgetJob, useJobEvents, useNotedJob } from "@/lib/jobs";
import { ApiProblem } from "@/lib/problems";

const PHASES = [
  { key: "starting_browser", label: "Starting a browser" },
  { key: "opening", label: "Opening WorkFossa" },
  { key: "signing_in", label: "Signing in with your credentials" },
  { key: "reading_account", label: "Reading your account" },
] as const;

export const linkProblem = (code: string | null, detail: string | null, action: string | null): ApiProblem =>
  new ApiProblem({
    type: "about:blank",
    title: code === null ? "The check did not succeed" : "WorkFossa could not be linked",
    status: 0,
    code: code ?? "link_failed",
    kind: "auth",
    detail: detail ?? "The check ended without a result.",
    action: action ?? "Check the credentials and try again.",
    reference: "",
    errors: [],
  });

/** Takes the portal's credentials and shows the live check; the check goes on when the page is reloaded. */
export function LinkForm({
  link,
  onLinked,
  onCancel,
}: {
  link: LinkStatus;
  onLinked: () => void;
  onCancel?: () => void;
}) {
  const start = useLinkPortal();
  const noted = useNotedJob("link", "link");
  const [jobId, setJobId] = useState<string | null>(noted);
  const events = useJobEvents(jobId);
  const failure = failureOf(events);
  const finished = events.some((event) => event.type === "finished");
  const checking = link.state === "checking" && failure === null;
  const told = useRef(false);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { username: "", password: "" },
    validate: {
      username: (value) => (value.trim() === "" ? "Enter the e-mail address you use at WorkFossa" : null),
      password: (value) => (value === "" ? "Enter your WorkFossa password" : null),
    },
  });

  // The event stream tells the end at once; this asks in case the line was down just then.
  useEffect(() => {
    if (!checking) return;
    const timer = setInterval(() => reloadUser().catch(() => undefined), 3000);
    return () => clearInterval(timer);
  }, [checking]);

  useEffect(() => {
    const linked = jobId !== null && link.state === "linked" && link.portal === "workfossa";
    if (linked && !told.current) {
      told.current = true;
      forgetJob(jobId);
      onLinked();
    }
  }, [jobId, link.state, link.portal, onLinked]);

  if (checking || (jobId !== null && finished && link.state !== "rejected" && link.state !== "failed")) {
    return <Steps label="Check of your WorkFossa credentials" steps={stepsFrom(PHASES, events)} />;
  }

  const refused =
    failure !== null || (jobId !== null && (link.state === "rejected" || link.state === "failed"));
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        start.mutate(
          { username: values.username.trim(), password: values.password },
          { onSuccess: (check) => setJobId(check.job_id) },
        ),
      )}
    >
      <Stack gap="sm" maw="24rem">
        <TextInput
          label="WorkFossa e-mail"
          type="email"
          autoComplete="off"
          key={form.key("username")}
          {...form.getInputProps("username")}
        />
        <PasswordInput
          label="WorkFossa password"
          autoComplete="off"
          description="Checked live, then kept encrypted. No screen or route ever shows it again."
          key={form.key("password")}
          {...form.getInputProps("password")}
        />
        {start.isError && <ProblemPanel error={start.error} />}
        {!start.isError && refused && (
          <ProblemPanel
            error={linkProblem(
              failure?.code ?? link.error_code,
              failure?.detail ?? link.error_detail,
              failure?.action ?? link.error_action,
            )}
          />
        )}
        <div style={{ display: "flex", gap: "0.5rem", marginTop: "0.25rem" }}>
          <Button type="submit" loading={start.isPending}>
            Check and link
          </Button>
          {onCancel !== undefined && (
            <Button variant="subtle" color="gray" onClick={onCancel}>
              Cancel
            </Button>
          )}
        </div>
      </Stack>
    </form>
  );
}
