import { Drawer, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { alertQuery } from "@/api/operations";
import { PriorityMark } from "@/components/PriorityMark";
import { ProblemPanel } from "@/components/ProblemPanel";
import { AlertDetails } from "./AlertDetails";
import classes from "./AlertDrawer.module.css";

/** One alert, beside the list it was chosen from. */
export function AlertDrawer({ id, onClose }: { id: string | null; onClose: () => void }) {
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  // The last one stays to be seen while the drawer slides away.
  const [shown, setShown] = useState(id);
  useEffect(() => {
    if (id !== null) setShown(id);
  }, [id]);
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size={phone ? "100%" : "36rem"}
      title="Alert"
      closeButtonProps={{ "aria-label": "Close" }}
      transitionProps={{ duration: 120 }}
      overlayProps={{ backgroundOpacity: 0.25 }}
      classNames={{ title: classes.drawerTitle, header: classes.header }}
    >
      {shown !== null && <Loaded id={shown} />}
    </Drawer>
  );
}

function Loaded({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(alertQuery(id));
  const title = useRef<HTMLHeadingElement>(null);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true" className={classes.loading}>
        <span className="visually-hidden">Loading the alert</span>
        <Skeleton height={28} width="70%" />
        <Skeleton height={120} />
        <Skeleton height={240} />
      </div>
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
    );
  }
  return (
    <>
      <div className={classes.head}>
        <PriorityMark priority={data.priority} />
        <h3 ref={title} tabIndex={-1} className={classes.title}>
          {data.title}
        </h3>
        <span className="muted">{data.component}</span>
      </div>
      <AlertDetails alert={data} title={title} />
    </>
  );
}
