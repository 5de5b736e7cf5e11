import { Skeleton } from "@mantine/core";
import { type UseQueryOptions, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { visitQuery, workOrderQuery } from "@/api/queries";
import type { WorkOrder } from "@/api/types";
import { BackLink } from "@/components/BackLink";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { ApiProblem } from "@/lib/problems";
import { dayDate } from "@/lib/time";
import { count, storeLabel } from "@/lib/words";
import { DispenserMatrix } from "./DispenserMatrix";
import { Instructions } from "./Instructions";
import { OrderFacts, Services } from "./OrderFacts";
import { OrderHeader } from "./OrderHeader";
import classes from "./WorkOrderPage.module.css";
import { mondayOf } from "./weekGrid";

const visitRoute = getRouteApi("/app/visits/$visitId");
const workRoute = getRouteApi("/app/work-orders/$workId");

export function VisitPage() {
  const { visitId } = visitRoute.useParams();
  return <OrderPage query={visitQuery(Number(visitId)) as OrderQuery} name={`Visit ${visitId}`} />;
}

export function WorkOrderPage() {
  const { workId } = workRoute.useParams();
  return <OrderPage query={workOrderQuery(Number(workId)) as OrderQuery} name={`Work order ${workId}`} />;
}

type OrderQuery = UseQueryOptions<WorkOrder>;

function OrderPage({ query, name }: { query: OrderQuery; name: string }) {
  const { data: order, error, refetch } = useQuery(query);
  if (order === undefined) {
    const gone = error instanceof ApiProblem && error.status === 404;
    return (
      <>
        <PageHead title={name} back={<BackLink to="/week" label="Back to the week" />} />
        {error === null ? (
          <OrderSkeleton />
        ) : (
          <ProblemPanel error={error} {...(gone ? {} : { onRetry: () => refetch() })} />
        )}
      </>
    );
  }
  const { card } = order;
  const coverage = [
    card.date === null ? "no date" : dayDate(card.date),
    card.dispensers === null ? "dispensers not known" : count(card.dispensers, "dispenser"),
  ].join(" · ");
  return (
    <>
      <PageHead
        title={`${card.chain.name} ${storeLabel(card.store)}`}
        coverage={coverage}
        back={
          <BackLink
            to="/week"
            label="Back to the week"
            {...(card.date === null ? {} : { search: { start: mondayOf(card.date) } })}
          />
        }
      />
      <div className={classes.root}>
        <OrderHeader order={order} />
        <div className={classes.columns}>
          <DispenserMatrix location={order.location} />
          <div className={classes.side}>
            <Instructions order={order} />
            <Services order={order} />
            <OrderFacts order={order} />
          </div>
        </div>
      </div>
    </>
  );
}

function OrderSkeleton() {
  return (
    <div className={classes.root} aria-busy="true">
      <span className="visually-hidden">Loading the work order</span>
      <Skeleton height={150} radius={10} />
      <div className={classes.columns}>
        <Skeleton height={380} radius={10} />
        <div className={classes.side}>
          <Skeleton height={190} radius={10} />
          <Skeleton height={120} radius={10} />
        </div>
      </div>
    </div>
  );
}
