import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { useHotkeys, useMediaQuery } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { weekQuery } from "@/api/queries";
import type { Week, WeekPair } from "@/api/types";
import { PageHead } from "@/components/PageHead";
import { ProblemPanel } from "@/components/ProblemPanel";
import { addDays, dateRange, shortDate } from "@/lib/time";
import { count } from "@/lib/words";
import { PhoneWeek } from "./PhoneWeek";
import { Unscheduled } from "./Unscheduled";
import { boardOf, focusCard, onBoardKey, WeekBoard } from "./WeekBoard";
import { FirstSync, FreeWeek, WeekComplete } from "./WeekNotes";
import classes from "./WeekPage.module.css";
import { WeekSkeleton } from "./WeekSkeleton";
import { columnsOf, entryCard, isComplete, mondayOf, rollOverWords } from "./weekGrid";

const route = getRouteApi("/app/week");

const rangeOf = (week: Week, short = false): string => {
  const days = columnsOf(week);
  const first = days[0]?.date ?? week.start;
  const last = days.at(-1)?.date ?? week.end;
  return short ? `${shortDate(first)} – ${shortDate(last)}` : dateRange(first, last);
};

const totalsOf = ({ totals }: Week): string => {
  const unknown = totals.dispensers_unknown > 0 ? ` + ${totals.dispensers_unknown} not known` : "";
  return `${count(totals.visits, "visit")} · ${count(totals.dispensers, "dispenser")}${unknown}`;
};

export function WeekPage() {
  const { start } = route.useSearch();
  const { data, error, refetch, isPlaceholderData } = useQuery(weekQuery(start));
  if (data === undefined) {
    return (
      <>
        <PageHead title="Week" coverage={error ? undefined : "Loading"} />
        {error ? <ProblemPanel error={error} onRetry={() => refetch()} /> : <WeekSkeleton />}
      </>
    );
  }
  return (
    <>
      {error !== null && (
        <div className={classes.stale}>
          <ProblemPanel error={error} onRetry={() => refetch()} />
        </div>
      )}
      <LoadedWeek pair={data} stale={isPlaceholderData} />
    </>
  );
}

function LoadedWeek({ pair, stale }: { pair: WeekPair; stale: boolean }) {
  const navigate = useNavigate();
  const phone = useMediaQuery("(max-width: 48em)", undefined, { getInitialValueInEffect: false });
  const week = pair.this;
  const weeks = [pair.this, pair.next];
  const board = boardOf(weeks);
  const thisMonday = mondayOf(week.today);
  const toWeek = (start: string) => navigate({ to: "/week", search: { start } });
  // Counted from the week that was asked for, which may still be loading: a second press never gets lost.
  const turn = (days: number) =>
    navigate({
      to: "/week",
      search: (asked) => ({ start: addDays(mondayOf(asked.start ?? week.start), days) }),
    });
  const enter = () => {
    const card = entryCard(weeks);
    if (card !== null) focusCard(card);
  };
  // On the board itself the arrow keys move from card to card; from anywhere else they enter it.
  const fromOutside = (event: KeyboardEvent) => {
    if (
      !(document.activeElement instanceof HTMLElement) ||
      document.activeElement.closest("[data-card],[role=tab]")
    )
      return;
    if (document.activeElement !== document.body && document.activeElement.id !== "main") return;
    event.preventDefault();
    enter();
  };
  useHotkeys([
    ["t", () => (week.is_current ? enter() : toWeek(thisMonday))],
    ["[", () => turn(-7)],
    ["]", () => turn(7)],
    ...(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] as const).map(
      (key) =>
        [key, fromOutside, { preventDefault: false }] as [
          string,
          (event: KeyboardEvent) => void,
          { preventDefault: boolean },
        ],
    ),
  ]);

  const rollOver = rollOverWords(week);
  const neverSynced = week.age.last_success_at === null && week.totals.visits + week.unscheduled.length === 0;

  return (
    <div className={classes.root} aria-busy={stale}>
      <PageHead title="Week" coverage={neverSynced ? undefined : totalsOf(week)} />
      {neverSynced ? (
        <FirstSync />
      ) : (
        <>
          <div className={classes.pager}>
            <Tooltip label="Week before  [">
              <ActionIcon variant="default" size="lg" aria-label="Week before" onClick={() => turn(-7)}>
                <IconChevronLeft size={18} />
              </ActionIcon>
            </Tooltip>
            <h2 className={classes.range} aria-live="polite">
              {rangeOf(week, phone)}
            </h2>
            <Tooltip label="Week after  ]">
              <ActionIcon variant="default" size="lg" aria-label="Week after" onClick={() => turn(7)}>
                <IconChevronRight size={18} />
              </ActionIcon>
            </Tooltip>
            <Button variant="default" size="sm" onClick={() => toWeek(thisMonday)} disabled={week.is_current}>
              Today
            </Button>
            {!phone && (
              <span className={classes.weekName}>
                {week.is_current ? "This week" : week.start > week.today ? "Coming week" : "Past week"} ·{" "}
                {week.iso_week}
              </span>
            )}
            {!phone && week.is_current && week.totals.visits > 0 && (
              <span className={classes.prepare}>
                <PrepareLink wish="today" words="Prepare today" />
                <PrepareLink wish="week" words="Prepare this week" />
              </span>
            )}
          </div>
          {rollOver !== null && (
            <p className={classes.banner} role="status">
              {rollOver}{" "}
              <Link to="/week" search={{ start: thisMonday }}>
                Show the current week
              </Link>
            </p>
          )}
          {isComplete(week) && <WeekComplete week={week} onJump={toWeek} />}
          {/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys are an extra way between the cards, which are links */}
          <div onKeyDown={phone ? undefined : onBoardKey(board)} className={classes.boards}>
            {phone ? (
              <>
                <PhoneWeek key={week.start} weeks={weeks} />
                {week.totals.visits + pair.next.totals.visits === 0 && (
                  <FreeWeek week={week} onJump={toWeek} />
                )}
              </>
            ) : (
              <>
                {week.totals.visits === 0 ? (
                  <FreeWeek week={week} onJump={toWeek} />
                ) : (
                  <WeekBoard week={week} />
                )}
                <section aria-labelledby="next-week">
                  <div className={classes.nextHead}>
                    <h2 id="next-week" className={classes.nextTitle}>
                      {week.is_current ? "Next week" : "The week after"}
                      <span className={classes.nextRange}>{rangeOf(pair.next)}</span>
                    </h2>
                    <span className="muted num">{totalsOf(pair.next)}</span>
                  </div>
                  {pair.next.totals.visits === 0 ? (
                    <FreeWeek week={pair.next} onJump={toWeek} compact />
                  ) : (
                    <WeekBoard week={pair.next} />
                  )}
                </section>
                <Unscheduled cards={week.unscheduled} />
              </>
            )}
          </div>
        </>
      )}
    </div>
  );
}

const PrepareLink = ({ wish, words }: { wish: "today" | "week"; words: string }) => (
  <Button
    variant="subtle"
    size="sm"
    renderRoot={(props) => <Link {...props} to="/forms" search={{ new: wish }} />}
  >
    {words}
  </Button>
);
