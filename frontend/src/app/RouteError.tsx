import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { type CSSProperties, type ReactNode, use, useEffect } from "react";
import { EmptyState } from "@/components/EmptyState";
import { HeadSlot } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { reportError } from "@/lib/logging";
import { ApiProblem } from "@/lib/problems";

/** Inside the shell its own `main` is there already; outside, this is the page. */
function Place({ style, children }: { style: CSSProperties; children: ReactNode }) {
  const Tag = use(HeadSlot) === null ? "main" : "div";
  return <Tag style={style}>{children}</Tag>;
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  useEffect(() => {
    // What the server answered was reported when it came.
    if (!(error instanceof ApiProblem)) reportError("ui.page_failed", error);
  }, [error]);
  return (
    <Place style={{ maxWidth: "38rem", margin: "12vh auto 0", padding: "0 1rem" }}>
      <title>Problem · FossaWork</title>
      <ProblemPanel
        error={error}
        level={1}
        onRetry={() => {
          reset();
          router.invalidate();
        }}
      />
    </Place>
  );
}

export function RouteNotFound() {
  return (
    <Place style={{ paddingTop: "10vh" }}>
      <title>Not found · FossaWork</title>
      <EmptyState
        icon={<IconMapQuestion />}
        level={1}
        title="There is no page at this address"
        action={
          <Button component={Link} to="/week">
            Go to this week
          </Button>
        }
      >
        The link may be old, or a letter of it got lost.
      </EmptyState>
    </Place>
  );
}
