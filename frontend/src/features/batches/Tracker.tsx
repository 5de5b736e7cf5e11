import { IconAlertTriangle, IconArrowRight, IconCheck, IconLoader2, IconMinus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { runQuery } from "@/api/queries";
import type { Batch, BatchVisit } from "@/api/types";
import { useNow } from "@/components/Ago";
import { LiveBar } from "@/components/LiveBar";
import { StatusDot } from "@/components/StatusDot";
import { Steering } from "@/components/Steering";
import { batchState, batchSummary, standstill, visitsDone } from "@/lib/batches";
import { lasting } from "@/lib/figures";
import { useJobEvents } from "@/lib/jobs";
import { readingTotals, typingOf, workWords } from "@/lib/runs";
import { useZone } from "@/lib/useUser";
import { count, storeLabel } from "@/lib/words";
import { currentVisit, formMarks } from "./batches";
import classes from "./Tracker.module.css";
import { VisitRows } from "./VisitRows";

/** A batch at work: the batch, its visit, that visit's forms, and the grade or reading under way. */
export function Tracker({ batch }: { batch: Batch }) {
  const now = useNow(1);
  const zone = useZone();
  const events = useJobEvents(batch.id);
  const visit = currentVisit(batch);
  const state = batchState(batch);
  const why = standstill(batch, zone);
  const elapsed =
    batch.started_at === null ? null : Math.max(0, Math.floor((now - Date.parse(batch.started_at)) / 1000));
  const facts = [
    elapsed === null ? null : `${lasting(elapsed)} so far`,
    batch.eta_seconds === null ? null : `about ${lasting(Math.max(1, Math.round(batch.eta_seconds)))} left`,
    batchSummary(batch),
  ];
  const reading = events.findLast((event) => event.type === "phase")?.message;
  // Of one visit its forms are the measure, of several the visits.
  const [only] = batch.visits;
  const measure =
    batch.visits.length === 1 && only !== undefined && only.forms > 0
      ? { done: only.verified + only.needs_person + only.not_done, total: only.forms, label: "Forms" }
      : { done: visitsDone(batch), total: batch.visits.length, label: "Visits" };
  return (
    <article className={classes.root} aria-label={`Batch ${batch.name}`}>
      <div className={classes.head}>
        <div className={classes.what}>
          <h3 className={classes.name}>
            {batch.name} <StatusDot tone={state.tone}>{state.words}</StatusDot>
          </h3>
          <p className="muted num">{facts.filter((fact) => fact !== null).join(" · ")}</p>
        </div>
        <Steering batch={batch} />
      </div>
      {why !== null && (
        <p className={classes.why} role="status">
          {why}
        </p>
      )}
      <LiveBar
        label={`${measure.label} of ${batch.name}`}
        sentence={
          visit === null
            ? "Choosing the next visit"
            : `Visit ${visit.visit_id} at ${visit.chain} ${storeLabel(visit.store)}`
        }
        done={measure.done}
        total={measure.total}
      />
      {visit !== null &&
        (visit.run_id === null ? (
          <p className={classes.work} role="status">
            {reading ?? "Reading the visit"}
          </p>
        ) : (
          <VisitAtWork visit={visit} runId={visit.run_id} />
        ))}
      {batch.visits.length > 1 && (
        <details className={classes.visits} open={batch.visits.length <= 6 || undefined}>
          <summary>{count(batch.visits.length, "visit")} of this batch</summary>
          <VisitRows batch={batch} steer />
        </details>
      )}
    </article>
  );
}

const ICONS = {
  waiting: null,
  running: IconLoader2,
  proven: IconCheck,
  person: IconAlertTriangle,
  left: IconMinus,
};
const MARK_WORDS = {
  waiting: "waiting",
  running: "under way",
  proven: "proven",
  person: "needs you",
  left: "not done",
};

function VisitAtWork({ visit, runId }: { visit: BatchVisit; runId: string }) {
  const { data: run } = useQuery(runQuery(runId));
  const typing = typingOf(useJobEvents(runId));
  const form = run?.forms.find((one) => one.running);
  const readings = run === undefined ? { done: 0, total: 0 } : readingTotals(run, typing);
  const work = run === undefined ? null : workWords(run, typing);
  return (
    <div className={classes.visit}>
      <ul className={classes.forms} aria-label={`Forms of visit ${visit.visit_id}`}>
        {(run === undefined ? [] : formMarks(run)).map(({ dispenser, mark, share }) => {
          const Icon = ICONS[mark];
          return (
            <li key={dispenser} className={classes.form} data-mark={mark}>
              <span className={classes.share} style={{ width: `${Math.round(share * 100)}%` }} aria-hidden />
              <span className={classes.formName}>{dispenser}</span>
              {Icon !== null && <Icon size={13} stroke={2.2} aria-hidden />}
              <span className="visually-hidden">{MARK_WORDS[mark]}</span>
            </li>
          );
        })}
      </ul>
      <p className={classes.work}>
        <span aria-live="polite">
          {form === undefined
            ? "Opening the visit"
            : `Dispenser ${form.dispenser}${work === null ? "" : ` · ${work}`}`}
        </span>
        {readings.total > 0 && (
          <span className="muted num">
            {readings.done} of {count(readings.total, "reading")}
          </span>
        )}
        <Link
          to="/visits/$visitId/forms"
          params={{ visitId: String(visit.visit_id) }}
          search={{ run: runId }}
          className={classes.watch}
        >
          Watch this visit <IconArrowRight size={14} aria-hidden />
        </Link>
      </p>
    </div>
  );
}
