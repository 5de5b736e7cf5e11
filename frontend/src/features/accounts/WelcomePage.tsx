import { Button } from "@mantine/core";
import { IconArrowRight, IconFlask2, IconPlugConnected } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useStartSandbox } from "@/api/mutations";
import { setupQuery } from "@/api/queries";
import { ProblemPanel } from "@/components/ProblemPanel";
import { useMaybeUser } from "@/lib/useUser";
import { Frame } from "./Frame";
import { OwnerForm } from "./OwnerForm";
import classes from "./WelcomePage.module.css";

const route = getRouteApi("/welcome");

export function WelcomePage() {
  const { door } = route.useSearch();
  const navigate = useNavigate();
  const user = useMaybeUser();
  const queries = useQueryClient();
  const { data: setup } = useQuery(setupQuery);
  const sandbox = useStartSandbox();
  const offered = setup?.sandbox_offered ?? true;

  const trySandbox = () =>
    sandbox.mutate(undefined, {
      onSuccess: () => navigate({ to: "/week" }),
    });

  if (door === "connect") {
    return (
      <Frame
        title="Create your account"
        lead="This account belongs to this FossaWork server only. It owns the server; your WorkFossa sign-in comes next."
      >
        <OwnerForm
          onCreated={() => {
            queries.setQueryData(setupQuery.queryKey, { needs_owner: false, sandbox_offered: false });
            navigate({ to: "/connect" });
          }}
          onBack={() =>
            user === null ? navigate({ to: "/welcome", search: {} }) : navigate({ to: "/week" })
          }
        />
      </Frame>
    );
  }

  return (
    <Frame
      wide
      title="Welcome to FossaWork"
      lead="It brings your WorkFossa schedule home and prepares the test forms, one per dispenser, so that only the readings are left to type."
    >
      <div className={classes.doors}>
        <section className={classes.door} aria-labelledby="door-connect">
          <IconPlugConnected className={classes.icon} aria-hidden />
          <h2 id="door-connect" className={classes.title}>
            Connect to WorkFossa
          </h2>
          <p className={classes.text}>
            Create your account here, then sign in to the portal once. The credentials are checked live and
            kept encrypted.
          </p>
          <Button
            className={classes.button}
            rightSection={<IconArrowRight size={16} aria-hidden />}
            onClick={() => navigate({ to: "/welcome", search: { door: "connect" } })}
            disabled={sandbox.isPending}
          >
            Connect
          </Button>
        </section>
        {offered && (
          <section className={classes.door} aria-labelledby="door-sandbox">
            <IconFlask2 className={classes.icon} aria-hidden />
            <h2 id="door-sandbox" className={classes.title}>
              Try the sandbox
            </h2>
            <p className={classes.text}>
              A made-up portal on this machine with stores, dispensers and forms. No account needed, and
              nothing leaves this computer.
            </p>
            <Button
              variant="default"
              className={classes.button}
              onClick={trySandbox}
              loading={sandbox.isPending}
            >
              Try the sandbox
            </Button>
          </section>
        )}
      </div>
      {sandbox.isError && <ProblemPanel error={sandbox.error} onRetry={trySandbox} />}
    </Frame>
  );
}
