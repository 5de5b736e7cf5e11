import { Button, Modal, SegmentedControl, Skeleton } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useStartBatch } from "@/api/mutations";
import { weekQuery } from "@/api/queries";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import { ChooseVisits } from "./ChooseVisits";
import classes from "./NewBatch.module.css";
import {
  add,
  chosenBy,
  type DayGroup,
  dayGroups,
  mondayOf,
  move,
  nameOf,
  remove,
  todayIn,
  type Wish,
} from "./newBatch";
import { OrderVisits } from "./OrderVisits";

const MOST = 100;

interface Props {
  wish: Wish;
  onClose: () => void;
}

/** Which visits a new batch prepares, and in which order. */
export default function NewBatchDialog({ wish, onClose }: Props) {
  const zone = useZone();
  const [today] = useState(() => todayIn(zone));
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const { data, error, refetch } = useQuery(weekQuery(mondayOf(today)));
  return (
    <Modal
      opened
      onClose={onClose}
      title="New batch"
      size="min(66rem, 96vw)"
      fullScreen={phone}
      centered={false}
      yOffset="4vh"
    >
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true" className={classes.loading}>
            <span className="visually-hidden">Loading the visits</span>
            <Skeleton height={36} width={360} />
            <Skeleton height={360} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : (
        <Chooser
          phone={phone}
          groups={dayGroups([data.this, data.next], today)}
          today={today}
          wish={wish}
          onClose={onClose}
        />
      )}
    </Modal>
  );
}

interface ChooserProps extends Props {
  groups: DayGroup[];
  today: string;
  phone: boolean;
}

function Chooser({ groups, today, phone, wish: first, onClose }: ChooserProps) {
  const start = useStartBatch();
  const [wish, setWish] = useState(first);
  const [order, setOrder] = useState(() => chosenBy(first, groups, today));
  const choose = (next: Wish) => {
    setWish(next);
    if (next !== "choose") setOrder(chosenBy(next, groups, today));
  };
  const own = (next: number[]) => {
    setOrder(next);
    setWish("choose");
  };
  const byId = new Map(groups.flatMap((group) => group.visits).map((visit) => [visit.visitId, visit]));
  const visits = order.flatMap((id) => byId.get(id) ?? []);
  const asked = visits.filter((visit) => visit.note !== null).length;
  const begin = () => {
    const name = nameOf(wish, order, groups, today);
    start.mutate(
      { visits: order, name },
      {
        onSuccess: (batch) => {
          notifyDone(`“${batch.name}” is in the queue.`);
          onClose();
        },
      },
    );
  };
  return (
    <div className={classes.root}>
      <SegmentedControl
        aria-label="Which visits"
        fullWidth={phone}
        size={phone ? "xs" : "sm"}
        value={wish}
        onChange={(value) => choose(value as Wish)}
        data={[
          { value: "today", label: "Today" },
          { value: "week", label: "This week" },
          { value: "next", label: "Next week" },
          { value: "choose", label: "My choice" },
        ]}
        className={classes.wish}
      />
      {groups.length === 0 ? (
        <EmptyState compact level={3} title="No visits this week or next">
          Synchronise first, when you expect some.
        </EmptyState>
      ) : (
        <div className={classes.panes}>
          <ChooseVisits
            groups={groups}
            order={order}
            phone={phone}
            onAdd={(ids) => own(add(order, ids, groups))}
            onRemove={(ids) => own(remove(order, ids))}
          />
          <OrderVisits
            visits={visits}
            onMove={(id, by) => setOrder(move(order, id, by))}
            onRemove={(id) => own(remove(order, [id]))}
          />
        </div>
      )}
      {start.error !== null && <ProblemPanel error={start.error} level={3} />}
      <div className={classes.foot}>
        <p className="muted">
          {asked > 0 && (
            <strong className={classes.asked}>
              {asked === 1 ? "1 visit may need a decision" : `${asked} visits may need a decision`}.{" "}
            </strong>
          )}
          Each visit is planned when its turn comes. One that asks something is left for you; the others go
          on.
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            disabled={order.length === 0 || order.length > MOST}
            loading={start.isPending}
            onClick={begin}
          >
            {order.length === 0
              ? "Choose visits"
              : order.length > MOST
                ? `At most ${MOST} visits`
                : `Prepare ${count(order.length, "visit")}`}
          </Button>
        </div>
      </div>
    </div>
  );
}
