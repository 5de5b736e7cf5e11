import { Tooltip } from "@mantine/core";
import { IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useRouterState } from "@tanstack/react-router";
import { boardQuery } from "@/api/operations";
import { isMuted } from "@/lib/alerts";
import { isOperator } from "@/lib/roles";
import { useMaybeUser } from "@/lib/useUser";
import { count } from "@/lib/words";
import { OPERATIONS, OPERATIONS_PLACES, SETTINGS, WORK_PLACES } from "./places";
import classes from "./Rail.module.css";

type Place = (typeof WORK_PLACES)[number] | typeof SETTINGS | (typeof OPERATIONS_PLACES)[number];

function Entry({ place, folded, exact = false }: { place: Place; folded: boolean; exact?: boolean }) {
  const { to, label, Icon } = place;
  return (
    <Tooltip label={label} position="right" disabled={!folded}>
      <Link to={to} className={classes.place} activeOptions={{ exact }}>
        <Icon size={20} stroke={1.6} aria-hidden />
        <span className={classes.word}>{label}</span>
      </Link>
    </Tooltip>
  );
}

/** How many alerts call for somebody; asked less often where nobody looks at them. */
function Firing() {
  const { data } = useQuery({ ...boardQuery, refetchInterval: 60_000 });
  const firing = data?.firing.filter((alert) => !isMuted(alert)) ?? [];
  if (firing.length === 0) return null;
  return (
    <span className={classes.firing} data-new={firing.some((alert) => alert.phase === "firing") || undefined}>
      <span aria-hidden>{firing.length}</span>
      <span className="visually-hidden">, {count(firing.length, "alert")} firing</span>
    </span>
  );
}

function Operations({ folded }: { folded: boolean }) {
  const inside = useRouterState({
    select: ({ location }) => /^\/operations(\/|$)/.test(location.pathname),
  });
  const { Icon } = OPERATIONS;
  return (
    <li>
      <Tooltip label={OPERATIONS.label} position="right" disabled={!folded}>
        <Link
          to={OPERATIONS.to}
          className={classes.place}
          data-open={inside || undefined}
          activeOptions={{ exact: true }}
        >
          <Icon size={20} stroke={1.6} aria-hidden />
          <span className={classes.word}>{OPERATIONS.label}</span>
          <Firing />
        </Link>
      </Tooltip>
      {inside && (
        <ul className={classes.below}>
          {OPERATIONS_PLACES.map((place) => (
            <li key={place.to}>
              <Entry place={place} folded={folded} exact={place.to === OPERATIONS.to} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

export function Rail({ folded, onFold }: { folded: boolean; onFold: () => void }) {
  const user = useMaybeUser();
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse;
  return (
    <nav className={classes.rail} aria-label="Main" data-folded={folded || undefined}>
      <div className={classes.brand}>
        <img src="/icon.svg" alt="" width={24} height={24} />
        <span className={classes.word}>FossaWork</span>
      </div>
      <ul className={classes.places}>
        {WORK_PLACES.map((place) => (
          <li key={place.to}>
            <Entry place={place} folded={folded} />
          </li>
        ))}
        {isOperator(user) && <Operations folded={folded} />}
        <li>
          <Entry place={SETTINGS} folded={folded} />
        </li>
      </ul>
      <button type="button" className={classes.fold} onClick={onFold} aria-expanded={!folded}>
        <Fold size={20} stroke={1.6} aria-hidden />
        <span className={classes.word}>{folded ? "Expand" : "Collapse"}</span>
      </button>
    </nav>
  );
}
