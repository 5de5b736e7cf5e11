import "@mantine/spotlight/styles.css";
import { useDebouncedValue } from "@mantine/hooks";
import { createSpotlight, Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { searchQuery } from "@/api/queries";
import type { VisitCard } from "@/api/types";
import { ChainEdge } from "@/components/ChainMark";
import { asProblem } from "@/lib/problems";
import { isOperator } from "@/lib/roles";
import { dayDate } from "@/lib/time";
import { useMaybeUser } from "@/lib/useUser";
import { count, storeLabel } from "@/lib/words";
import { OPERATIONS, OPERATIONS_PLACES, SETTINGS, WORK_PLACES } from "./places";
import classes from "./SearchPalette.module.css";

const [store, palette] = createSpotlight();

const OPERATORS = OPERATIONS_PLACES.map((place) => ({
  ...place,
  label: place.to === OPERATIONS.to ? OPERATIONS.label : place.label,
  detail: place.to === OPERATIONS.to ? "Overview" : OPERATIONS.label,
}));
const placesOf = (operator: boolean) => [...WORK_PLACES, ...(operator ? OPERATORS : []), SETTINGS];

const describe = (card: VisitCard): string =>
  [card.city, card.date === null ? "no date" : dayDate(card.date), `W-${card.work_id}`]
    .filter(Boolean)
    .join(" · ");

/** The search over all work orders, opened by `/`. Loaded when it is first asked for. */
export default function SearchPalette({ asked }: { asked: number }) {
  const navigate = useNavigate();
  const user = useMaybeUser();
  const [text, setText] = useState("");
  const [search] = useDebouncedValue(text.trim(), 160);
  const found = useQuery(searchQuery(search));

  useEffect(() => {
    if (asked > 0) palette.open();
  }, [asked]);

  const open = (card: VisitCard) =>
    card.visit_id === null
      ? navigate({ to: "/work-orders/$workId", params: { workId: String(card.work_id) } })
      : navigate({ to: "/visits/$visitId", params: { visitId: String(card.visit_id) } });

  const wanted = text.trim().toLowerCase();
  const places = placesOf(isOperator(user)).filter((place) => place.label.toLowerCase().startsWith(wanted));
  const cards = search === "" ? [] : (found.data?.items ?? []);
  const total = found.data?.total ?? 0;

  return (
    <Spotlight.Root
      store={store}
      query={text}
      onQueryChange={setText}
      shortcut={null}
      clearQueryOnClose
      radius="lg"
      transitionProps={{ duration: 100 }}
      overlayProps={{ backgroundOpacity: 0.3, blur: 0 }}
      attributes={{ content: { "aria-label": "Search" } }}
    >
      <Spotlight.Search
        placeholder="Store, visit, city, code…"
        aria-label="Search work orders"
        leftSection={<IconSearch size={18} stroke={1.6} />}
      />
      <Spotlight.ActionsList className={classes.list}>
        {cards.map((card) => (
          <Spotlight.Action
            key={`${card.work_id}-${card.visit_id}`}
            onClick={() => open(card)}
            className={classes.action}
          >
            <ChainEdge chain={card.chain} height="2rem" />
            <span className={classes.text}>
              <span className={classes.name}>
                {card.chain.name} {storeLabel(card.store)}
              </span>
              <span className={classes.detail}>{describe(card)}</span>
            </span>
            <span className={classes.visit}>{card.visit_id === null ? "" : `Visit ${card.visit_id}`}</span>
          </Spotlight.Action>
        ))}
        {places.map((place) => (
          <Spotlight.Action
            key={place.to}
            onClick={() => navigate({ to: place.to })}
            className={classes.action}
          >
            <place.Icon size={18} stroke={1.6} />
            <span className={classes.text}>{place.label}</span>
            {"detail" in place && <span className={classes.detail}>{place.detail}</span>}
          </Spotlight.Action>
        ))}
        {search !== "" && cards.length === 0 && places.length === 0 && (
          <Spotlight.Empty>
            {found.isPending
              ? "Searching…"
              : found.isError
                ? asProblem(found.error).problem.detail
                : `Nothing matches “${search}”. Try a store number, a visit number or a city.`}
          </Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
      <div className={classes.foot} role="status">
        {search !== "" && found.isSuccess
          ? `${count(total, "work order")}${total > cards.length ? `, the first ${cards.length} are shown` : ""}`
          : "↑ ↓ to move, Enter to open, Esc to close"}
      </div>
    </Spotlight.Root>
  );
}
