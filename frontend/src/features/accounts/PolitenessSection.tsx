import { Button, Group, NumberInput, Skeleton, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChangePoliteness } from "@/api/mutations";
import { politenessQuery } from "@/api/queries";
import type { Politeness } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Refusal } from "@/components/Refusal";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./PolitenessSection.module.css";

export function PolitenessSection() {
  const { data, error, refetch } = useQuery(politenessQuery);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <Skeleton height={190} radius={10} />
      </div>
    ) : (
      <ProblemPanel level={3} error={error} onRetry={() => refetch()} />
    );
  }
  const key = JSON.stringify([data.loads_per_minute, data.quiet_hours]);
  return <PolitenessForm key={key} kept={data} />;
}

const NIGHT = { start: "22:00", end: "06:00" };

function PolitenessForm({ kept }: { kept: Politeness }) {
  const zone = useZone();
  const change = useChangePoliteness();
  const [loads, setLoads] = useState<number | string>(kept.loads_per_minute);
  const [quiet, setQuiet] = useState(kept.quiet_hours !== null);
  const [hours, setHours] = useState(kept.quiet_hours ?? NIGHT);
  const wanted = { loads_per_minute: Number(loads), quiet_hours: quiet ? hours : null };
  const dirty =
    wanted.loads_per_minute !== kept.loads_per_minute ||
    JSON.stringify(wanted.quiet_hours) !== JSON.stringify(kept.quiet_hours);
  const errors = fieldErrors(change.error);
  const hoursError = errors["quiet_hours.start"] ?? errors["quiet_hours.end"] ?? errors.quiet_hours;
  return (
    <form
      className={classes.root}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(wanted, {
          onSuccess: () => notifyDone("Saved. The next job works by it."),
        });
      }}
    >
      <NumberInput
        label="Page loads a minute"
        description="Loads and saves of your account, at most"
        min={1}
        max={600}
        allowDecimal={false}
        value={loads}
        onChange={setLoads}
        error={errors.loads_per_minute}
        w="16rem"
      />
      <div className={classes.quiet}>
        <Switch
          label="Quiet hours"
          description="Nothing starts by itself then. What you start yourself does."
          checked={quiet}
          onChange={(event) => setQuiet(event.currentTarget.checked)}
        />
        <Group gap="0.75rem" align="flex-start">
          <TextInput
            type="time"
            label="From"
            disabled={!quiet}
            value={hours.start}
            onChange={(event) => setHours({ ...hours, start: event.currentTarget.value })}
            error={hoursError}
            w="8rem"
          />
          <TextInput
            type="time"
            label="To"
            disabled={!quiet}
            value={hours.end}
            onChange={(event) => setHours({ ...hours, end: event.currentTarget.value })}
            error={hoursError !== undefined}
            w="8rem"
          />
        </Group>
      </div>
      <dl className={classes.facts}>
        <div>
          <dt>Right now</dt>
          <dd>
            {kept.quiet_now ? (
              <StatusDot tone="warn">
                {kept.quiet_until === null ? "quiet" : `quiet until ${instantText(kept.quiet_until, zone)}`}
              </StatusDot>
            ) : (
              <StatusDot tone="ok">not quiet</StatusDot>
            )}
          </dd>
        </div>
        <div>
          <dt>All accounts together</dt>
          <dd>at most {kept.loads_per_minute_total} loads a minute</dd>
        </div>
        <div>
          <dt>Sessions of one account</dt>
          <dd>{kept.sessions_per_account === 1 ? "one at a time" : kept.sessions_per_account}</dd>
        </div>
      </dl>
      <Refusal error={change.error} shown={["loads_per_minute", "quiet_hours"]} />
      <div>
        <Button type="submit" disabled={!dirty || loads === ""} loading={change.isPending}>
          Save portal use
        </Button>
      </div>
    </form>
  );
}
