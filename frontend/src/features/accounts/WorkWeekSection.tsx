import { Button, Chip, Group, Select, Stack } from "@mantine/core";
import { useState } from "react";
import { useChangePreferences } from "@/api/mutations";
import type { User } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { WEEKDAY_NAMES, WEEKDAYS } from "@/lib/time";
import { useMaybeUser } from "@/lib/useUser";

const two = (n: number): string => String(n).padStart(2, "0");
const HOURS = Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${two(hour)}:00` }));

const zones = (own: string): string[] => {
  const all = Intl.supportedValuesOf("timeZone");
  return all.includes(own) ? all : [own, ...all];
};

export function WorkWeekSection() {
  const user = useMaybeUser();
  return user === null ? null : <WorkWeekForm key={user.id} user={user} />;
}

function WorkWeekForm({ user }: { user: User }) {
  const change = useChangePreferences();
  const [days, setDays] = useState(user.work_days.map(String));
  const [hour, setHour] = useState(user.week_end_hour);
  const [zone, setZone] = useState(user.time_zone);
  const sorted = days.map(Number).sort((a, b) => a - b);
  const dirty =
    sorted.join() !== [...user.work_days].sort((a, b) => a - b).join() ||
    hour !== user.week_end_hour ||
    zone !== user.time_zone;
  const lastDay = WEEKDAY_NAMES[(sorted.at(-1) ?? 5) - 1];

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(
          { work_days: sorted, week_end_hour: hour, time_zone: zone },
          { onSuccess: () => notifyDone("Work week saved.") },
        );
      }}
    >
      <Stack gap="md">
        <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
          <legend style={{ fontWeight: 500, fontSize: "var(--fw-s)", padding: 0, marginBottom: "0.375rem" }}>
            Work days
          </legend>
          <Chip.Group multiple value={days} onChange={setDays}>
            <Group gap="0.375rem">
              {WEEKDAYS.map((name, index) => (
                <Chip
                  key={name}
                  value={String(index + 1)}
                  size="sm"
                  radius="md"
                  aria-label={WEEKDAY_NAMES[index]}
                  disabled={sorted.length === 1 && sorted[0] === index + 1}
                >
                  {name}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        </fieldset>
        <Group align="flex-start" gap="md">
          <Select
            label="The week is over at"
            description={`On ${lastDay}; then next week is shown`}
            data={HOURS}
            value={String(hour)}
            allowDeselect={false}
            onChange={(value) => value !== null && setHour(Number(value))}
            w="13rem"
          />
          <Select
            label="Time zone"
            description="Of your work; times are shown in it"
            data={zones(user.time_zone)}
            searchable
            limit={60}
            value={zone}
            allowDeselect={false}
            onChange={(value) => value !== null && setZone(value)}
            w="17rem"
          />
        </Group>
        {change.isError && <ProblemPanel level={3} error={change.error} />}
        <div>
          <Button type="submit" disabled={!dirty} loading={change.isPending}>
            Save work week
          </Button>
        </div>
      </Stack>
    </form>
  );
}
