import { useNavigate } from "@tanstack/react-router";
import { useStartSync } from "@/api/mutations";
import { Notices } from "@/components/Notices";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { hasCode } from "@/lib/problems";
import { useMaybeUser } from "@/lib/useUser";
import classes from "./ConnectPage.module.css";
import { LinkForm } from "./LinkForm";

export function ConnectPage() {
  const user = useMaybeUser();
  const navigate = useNavigate();
  const sync = useStartSync();
  if (user === null) return null;

  const linked = () =>
    sync.mutate(
      {},
      {
        onSuccess: () => navigate({ to: "/week" }),
        onError: (error) => {
          // The server may have started the first sync by itself.
          if (hasCode(error, "already_running")) navigate({ to: "/week" });
        },
      },
    );

  return (
    <>
      <PageHead title="Connect to WorkFossa" />
      <div className={classes.root}>
        <p className={classes.lead}>
          FossaWork signs in to app.workfossa.com as you, with a real browser on this server, and reads your
          work list, stores and dispensers. It writes nothing there until you press <em>Prepare forms</em>.
        </p>
        {user.link.portal === "sandbox" && (
          <Notices
            notices={[
              {
                code: "sandbox",
                message: "You are using the sandbox now.",
                action: "Linking WorkFossa replaces it with your own work.",
              },
            ]}
          />
        )}
        <LinkForm link={user.link} onLinked={linked} />
        {sync.isError && !hasCode(sync.error, "already_running") && (
          <ProblemPanel error={sync.error} onRetry={linked} />
        )}
      </div>
    </>
  );
}
