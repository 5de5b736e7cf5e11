import { Button } from "@mantine/core";
import { IconNotes } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { onCallQuery } from "@/api/operations";
import { AsOf } from "@/components/AsOf";
import { PageHead } from "@/components/PageHead";
import { ViewNav } from "@/components/ViewNav";
import { DutyView } from "./DutyView";
import classes from "./OnCallPage.module.css";

const ContactsView = lazy(() => import("./ContactsView"));
const HandOverDialog = lazy(() => import("./HandOverDialog"));
const ChannelsView = lazy(() => import("./ChannelsView"));
const route = getRouteApi("/app/operations/on-call");

const VIEWS = [
  { view: undefined, label: "Duty" },
  { view: "contacts", label: "Contacts" },
  { view: "channels", label: "Messages" },
] as const;

/** Who is called, by what, and whether that works. */
export function OnCallPage() {
  const { view } = route.useSearch();
  const duty = useQuery(onCallQuery);
  const [handsOver, setHandsOver] = useState(false);
  return (
    <div className={classes.root}>
      <PageHead title="On-call" coverage={view === undefined && <AsOf of={[duty]} />} />
      <div className={classes.bar}>
        <ViewNav label="Views of on-call">
          {VIEWS.map((one) => (
            <Link
              key={one.label}
              to="/operations/on-call"
              search={one.view === undefined ? {} : { view: one.view }}
              activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
              aria-current={one.view === view ? "page" : undefined}
            >
              {one.label}
            </Link>
          ))}
        </ViewNav>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconNotes size={15} aria-hidden />}
          onClick={() => setHandsOver(true)}
        >
          Hand-over note
        </Button>
      </div>
      {view === undefined ? (
        <DutyView />
      ) : (
        <Suspense fallback={null}>{view === "contacts" ? <ContactsView /> : <ChannelsView />}</Suspense>
      )}
      <Suspense fallback={null}>
        {handsOver && <HandOverDialog onClose={() => setHandsOver(false)} />}
      </Suspense>
    </div>
  );
}
