import { Button, Skeleton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { rulesQuery } from "@/api/operations";
import type { RuleView } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { PriorityMark } from "@/components/PriorityMark";
import { ProblemPanel } from "@/components/ProblemPanel";
import { RunbookLink } from "@/components/RunbookLink";
import { Section } from "@/components/Section";
import { KINDS } from "@/lib/operations";
import { count } from "@/lib/words";
import classes from "./RulesView.module.css";

const SilenceDialog = lazy(() => import("./SilenceDialog"));

/** By which rules alerts fire and end, and what is to be done then. */
export default function RulesView() {
  const known = useQuery(rulesQuery);
  const { data, error, refetch } = known;
  const [search, setSearch] = useState("");
  const [silence, setSilence] = useState<string | null>(null);
  const wanted = search.trim().toLowerCase();
  const rules = (data ?? []).filter((rule) =>
    `${rule.title} ${rule.id} ${KINDS[rule.kind]} ${rule.condition}`.toLowerCase().includes(wanted),
  );
  return (
    <Section
      title="Rules"
      of={known}
      hint={data === undefined ? undefined : count(rules.length, "rule")}
      action={
        <TextInput
          aria-label="Search the rules"
          placeholder="Search"
          size="xs"
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
      }
    >
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the rules</span>
            <Skeleton height={480} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : rules.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="No rule fits">
            Try another word.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.list}>
          {rules.map((rule) => (
            <Rule key={rule.id} rule={rule} onSilence={() => setSilence(rule.id)} />
          ))}
        </ul>
      )}
      <Suspense fallback={null}>
        {silence !== null && <SilenceDialog rule={silence} onClose={() => setSilence(null)} />}
      </Suspense>
    </Section>
  );
}

function Rule({ rule, onSilence }: { rule: RuleView; onSilence: () => void }) {
  return (
    <li className={classes.rule}>
      <div className={classes.head}>
        <h3 className={classes.title}>{rule.title}</h3>
        <p className={classes.marks}>
          {[...new Set(rule.priorities)].map((priority) => (
            <PriorityMark key={priority} priority={priority} />
          ))}
          <span className="muted">{KINDS[rule.kind]}</span>
        </p>
        <p className="muted mono">{rule.id}</p>
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>Fires</dt>
          <dd>{rule.condition}</dd>
        </div>
        <div>
          <dt>Over</dt>
          <dd>{rule.over}</dd>
        </div>
        <div>
          <dt>What to do</dt>
          <dd>{rule.what_to_do}</dd>
        </div>
        <div>
          <dt>Runbook</dt>
          <dd>
            <RunbookLink path={rule.runbook} nameless />
          </dd>
        </div>
      </dl>
      <div className={classes.act}>
        <Button size="xs" variant="default" onClick={onSilence} aria-label={`Silence: ${rule.title}`}>
          Silence
        </Button>
      </div>
    </li>
  );
}
