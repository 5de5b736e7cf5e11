import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { onCallQuery } from "@/api/operations";
import { AsOf } from "@/components/AsOf";
import { PageHead } from "@/components/PageHead";
import { ViewNav } from "@/components/ViewNav";
import { DutyView } from "./DutyView";
import classes from "./OnCallPage.module.css";

const ContactsView = lazy(() => import("./ContactsView"));
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
  return (
    <div className={classes.root}>
      <PageHead title="On-call" coverage={view === undefined && <AsOf of={[duty]} />} />
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
      {view === undefined ? (
        <DutyView />
      ) : (
        <Suspense fallback={null}>{view === "contacts" ? <ContactsView /> : <ChannelsView />}</Suspense>
      )}
    </div>
  );
}
