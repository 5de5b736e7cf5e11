import { Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { onCallQuery } from "@/api/operations";
import type { OnCallNow, OnCallProblem, OnCallShift } from "@/api/types";
import { useNow } from "@/components/Ago";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { lasting } from "@/lib/figures";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import { Coming } from "./Coming";
import { Hours } from "./Hours";
import { Matrix } from "./Matrix";
import classes from "./OnCallPage.module.css";

/** Who is on call, who comes next, whom each level would tell, and what is wrong with that. */
export function DutyView() {
  const { data, error, refetch } = useQuery(onCallQuery);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true" className={classes.root}>
        <span className="visually-hidden">Loading who is on call</span>
        <Skeleton height={104} radius={10} />
        <Skeleton height={280} radius={10} />
      </div>
    ) : (
      <ProblemPanel error={error} onRetry={() => refetch()} />
    );
  }
  return (
    <>
      <Now duty={data} />
      <Problems problems={data.problems} />
      <Coming />
      <Matrix rows={data.matrix} />
      <Hours hours={data.hours} />
    </>
  );
}

function Now({ duty }: { duty: OnCallNow }) {
  return (
    <section className={classes.now} aria-label="On call now">
      <Person title="On call now" shift={duty.primary} loud />
      <Person title="Second" shift={duty.secondary} />
    </section>
  );
}

function Person({ title, shift, loud = false }: { title: string; shift: OnCallShift; loud?: boolean }) {
  const zone = useZone();
  const now = useNow();
  const nobody = shift.contact === null;
  return (
    <div className={classes.person} data-nobody={nobody || undefined} data-loud={loud || undefined}>
      <h2 className={classes.personTitle}>{title}</h2>
      <p className={classes.name}>
        {nobody && <IconAlertTriangle size={20} aria-hidden />}
        {shift.contact?.name ?? "Nobody"}
      </p>
      <p className={classes.until}>
        {nobody && loud && "Alerts call whoever else can be reached. "}
        {nobody ? "Nobody is planned until " : "until "} {instantText(shift.ends_at, zone)} (
        {lasting((Date.parse(shift.ends_at) - now) / 1000)})
        {shift.override_id !== null && ", agreed differently from the rota"}
      </p>
    </div>
  );
}

const PLACES: Partial<Record<OnCallProblem["code"], { view: "contacts" | "channels"; words: string }>> = {
  missing_role: { view: "contacts", words: "Contacts" },
  unverified: { view: "contacts", words: "Contacts" },
  unreachable: { view: "channels", words: "Messages" },
};

function Problems({ problems }: { problems: OnCallProblem[] }) {
  if (problems.length === 0) return null;
  const errors = problems.filter((problem) => problem.severity === "error").length;
  return (
    <Section
      title="What is wrong with the plan"
      hint={
        errors > 0
          ? `${count(errors, "gap")}: somebody might not be reached`
          : count(problems.length, "warning")
      }
      card
    >
      <ul className={classes.problems}>
        {problems.map((problem) => {
          const place = PLACES[problem.code];
          return (
            <li key={`${problem.code} ${problem.text}`} data-severity={problem.severity}>
              <IconAlertTriangle size={16} aria-hidden />
              <span>
                <span className="visually-hidden">{problem.severity}: </span>
                {problem.text}
                {place !== undefined && (
                  <>
                    {" "}
                    <Link to="/operations/on-call" search={{ view: place.view }}>
                      {place.words}
                    </Link>
                  </>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Section>
  );
}
