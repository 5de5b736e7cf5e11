import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { dutyQuery } from "@/api/oncall";
import { AsOf } from "@/components/AsOf";
import { PageHead } from "@/components/PageHead";
import { ViewNav } from "@/components/ViewNav";
import { DutyView } from "./DutyView";
import classes from "./OnCall.module.css";

const ContactsView = lazy(() => import("./ContactsView"));
const ChannelsView = lazy(() => import("./ChannelsView"));
const route = getRouteApi("/app/operations/on-call");

const VIEWS = [
  { tab: undefined, label: "Duty" },
  { tab: "contacts", label: "Contacts" },
  { tab: "messages", label: "Messages and channels" },
] as const;

/** Who is called, by what, and whether that works. */
export function OnCallPage() {
  const { tab } = route.useSearch();
  const duty = useQuery(dutyQuery);
  const errors = duty.data?.problems.filter((problem) => problem.severity === "error").length ?? 0;
  return (
    <div className={classes.root}>
      <PageHead
        title="On-call"
        coverage={
          <>
            {duty.data !== undefined &&
              (errors === 0 ? "everybody can be reached · " : `${errors} to mend · `)}
            <AsOf of={[duty]} />
          </>
        }
      />
      <ViewNav label="Views of on-call duty">
        {VIEWS.map((one) => (
          <Link
            key={one.label}
            to="/operations/on-call"
            search={one.tab === undefined ? {} : { tab: one.tab }}
            activeOptions={{ exact: true, includeSearch: true, explicitUndefined: true }}
            aria-current={one.tab === tab ? "page" : undefined}
          >
            {one.label}
          </Link>
        ))}
      </ViewNav>
      {tab === undefined ? (
        <DutyView />
      ) : (
        <Suspense fallback={null}>{tab === "contacts" ? <ContactsView /> : <ChannelsView />}</Suspense>
      )}
    </div>
  );
}
