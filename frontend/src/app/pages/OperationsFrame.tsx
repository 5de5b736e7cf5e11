import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { EmptyState } from "@/components/EmptyState";
import { isOperator } from "@/lib/roles";
import { useMaybeUser } from "@/lib/useUser";
import { OPERATIONS, OPERATIONS_PLACES } from "../shell/places";
import classes from "./OperationsFrame.module.css";

/** Around every page of Operations: the way between them on phones, and a calm word to whom they are not for. */
export function OperationsFrame() {
  const user = useMaybeUser();
  const places = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place that is shown changes with the address
  useEffect(() => {
    places.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [pathname]);
  if (!isOperator(user)) return <NotForYou />;
  return (
    <>
      <nav ref={places} className={classes.places} aria-label="Operations">
        {OPERATIONS_PLACES.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            className={classes.place}
            activeOptions={{ exact: to === OPERATIONS.to }}
            resetScroll
          >
            {label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  );
}

function NotForYou() {
  return (
    <>
      <title>Not for your role · FossaWork</title>
      <div className={classes.closed}>
        <EmptyState
          icon={<IconLock />}
          level={1}
          title="This page is for operators"
          action={
            <Button component={Link} to="/week">
              Go to this week
            </Button>
          }
        >
          It shows whether FossaWork itself works, and is open to operators and administrators. Your role is
          technician. An administrator can give you another one, in Settings.
        </EmptyState>
      </div>
    </>
  );
}
