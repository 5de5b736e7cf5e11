import { Button, Chip, Group, TextInput } from "@mantine/core";
import { useState } from "react";
import { useSetHours } from "@/api/onCallWrites";
import type { OfficeHours } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { WEEKDAY_NAMES, WEEKDAYS } from "@/lib/time";
import { useMaybeUser } from "@/lib/useUser";
import { list } from "@/lib/words";
import classes from "./OnCallPage.module.css";

/** When what can wait is told: P3, and decisions about the business. */
export function Hours({ hours }: { hours: OfficeHours }) {
  const admin = useMaybeUser()?.role === "admin";
  const [asks, setAsks] = useState(false);
  return (
    <Section
      title="Business hours"
      hint="what can wait is told then"
      action={
        admin ? (
          <Button size="xs" variant="default" onClick={() => setAsks(true)}>
            Change
          </Button>
        ) : undefined
      }
    >
      <p className={classes.hours}>
        {list(hours.days.map((day) => WEEKDAYS[day - 1] ?? ""))}, {hours.opens} – {hours.closes} ({hours.zone}
        ){" "}
        <StatusDot tone={hours.open_now ? "ok" : "idle"}>
          {hours.open_now ? "open now" : "closed now"}
        </StatusDot>
      </p>
      {asks && <HoursDialog hours={hours} onClose={() => setAsks(false)} />}
    </Section>
  );
}

function HoursDialog({ hours, onClose }: { hours: OfficeHours; onClose: () => void }) {
  const set = useSetHours();
  const [days, setDays] = useState(hours.days.map(String));
  const [opens, setOpens] = useState(hours.opens.slice(0, 5));
  const [closes, setCloses] = useState(hours.closes.slice(0, 5));
  const [zone, setZone] = useState(hours.zone);
  const errors = fieldErrors(set.error);
  return (
    <FormModal
      title="Business hours"
      writing={set}
      shown={["opens", "closes", "zone"]}
      submit="Save"
      disabled={days.length === 0}
      onSubmit={() =>
        set.mutate(
          { zone, days: days.map(Number).sort((a, b) => a - b), opens, closes },
          {
            onSuccess: () => {
              notifyDone("Business hours saved.");
              onClose();
            },
          },
        )
      }
      onClose={onClose}
    >
      <Chip.Group multiple value={days} onChange={setDays}>
        <Group gap="0.375rem" role="group" aria-label="Days">
          {WEEKDAYS.map((name, index) => (
            <Chip
              key={name}
              value={String(index + 1)}
              size="sm"
              radius="md"
              aria-label={WEEKDAY_NAMES[index]}
            >
              {name}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      <div className={classes.pair}>
        <TextInput
          type="time"
          label="Opens"
          value={opens}
          onChange={(event) => setOpens(event.currentTarget.value)}
          error={errors.opens}
        />
        <TextInput
          type="time"
          label="Closes"
          value={closes}
          onChange={(event) => setCloses(event.currentTarget.value)}
          error={errors.closes}
        />
      </div>
      <TextInput
        label="Time zone"
        value={zone}
        onChange={(event) => setZone(event.currentTarget.value)}
        error={errors.zone}
      />
    </FormModal>
  );
}
