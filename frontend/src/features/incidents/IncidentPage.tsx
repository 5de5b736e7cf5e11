import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { incidentQuery } from "@/api/operations";
import type { Incident } from "@/api/types";
import { AsOf } from "@/components/AsOf";
import { BackLink } from "@/components/BackLink";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Actions } from "./Actions";
import { EvidenceList } from "./EvidenceList";
import { IncidentHead } from "./IncidentHead";
import classes from "./IncidentPage.module.css";
import { LinkedAlerts } from "./LinkedAlerts";
import { Review } from "./Review";
import { Timeline } from "./Timeline";

const route = getRouteApi("/app/operations/incidents/$incidentId");

/** One incident from its detection to what was learned of it. */
export function IncidentPage() {
  const { incidentId } = route.useParams();
  const query = useQuery(incidentQuery(incidentId));
  const { data, error, refetch } = query;
  return (
    <div className={classes.root}>
      <PageHead
        title={incidentId}
        back={<BackLink to="/operations/incidents" label="Back to the incidents" />}
        coverage={<AsOf of={[query]} />}
      />
      {error !== null && (
        <ProblemPanel
          error={error}
          title={data === undefined ? undefined : "The incident could not be read anew"}
          onRetry={() => refetch()}
        />
      )}
      {data === undefined ? error === null && <Loading /> : <Whole incident={data} />}
    </div>
  );
}

function Loading() {
  return (
    <div className={classes.root} aria-busy="true">
      <span className="visually-hidden">Loading the incident</span>
      <Skeleton height={226} radius={10} />
      <div className={classes.columns}>
        <Skeleton height={420} radius={10} />
        <Skeleton height={420} radius={10} />
      </div>
    </div>
  );
}

function Whole({ incident }: { incident: Incident }) {
  return (
    <>
      <IncidentHead incident={incident} />
      <div className={classes.columns}>
        <Timeline incident={incident} />
        <div className={classes.side}>
          <Review incident={incident} />
          <Actions incident={incident} />
          <LinkedAlerts alerts={incident.alerts} />
          <EvidenceList incident={incident} />
        </div>
      </div>
    </>
  );
}
