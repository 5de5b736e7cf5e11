import { Button, Group, NumberInput, Skeleton, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useChangeFormSettings } from "@/api/mutations";
import { formSettingsQuery } from "@/api/queries";
import type { FormSettings } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Refusal } from "@/components/Refusal";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import classes from "./Templates.module.css";

export function FormSettingsSection() {
  const { data, error, refetch } = useQuery(formSettingsQuery);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <Skeleton height={190} radius={10} />
      </div>
    ) : (
      <ProblemPanel level={3} error={error} onRetry={() => refetch()} />
    );
  }
  return <SettingsForm key={JSON.stringify(data)} kept={data} />;
}

function SettingsForm({ kept }: { kept: FormSettings }) {
  const change = useChangeFormSettings();
  const [readings, setReadings] = useState(kept.readings);
  const [pictures, setPictures] = useState(kept.pictures);
  const [days, setDays] = useState<number | string>(kept.keep_picture_days);
  const [months, setMonths] = useState<number | string>(kept.keep_record_months);
  const wanted: FormSettings = {
    readings,
    pictures,
    keep_picture_days: Number(days),
    keep_record_months: Number(months),
  };
  const dirty =
    readings !== kept.readings ||
    pictures !== kept.pictures ||
    wanted.keep_picture_days !== kept.keep_picture_days ||
    wanted.keep_record_months !== kept.keep_record_months;
  const sooner =
    wanted.keep_picture_days < kept.keep_picture_days || wanted.keep_record_months < kept.keep_record_months;
  const errors = fieldErrors(change.error);
  return (
    <form
      className={classes.settings}
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate(wanted, { onSuccess: () => notifyDone("Form settings saved.") });
      }}
    >
      <Switch
        label="Prepare readings"
        description="Procedures, flow and the figures of the templates below. A plan can differ from it."
        checked={readings}
        onChange={(event) => setReadings(event.currentTarget.checked)}
      />
      <Switch
        label="Take pictures"
        description="Of each section as it was saved, beside the values read back."
        checked={pictures}
        onChange={(event) => setPictures(event.currentTarget.checked)}
      />
      <Group gap="1rem" align="flex-start">
        <NumberInput
          label="Keep pictures"
          suffix=" days"
          min={1}
          max={3650}
          allowDecimal={false}
          value={days}
          onChange={setDays}
          error={errors.keep_picture_days}
          w="10rem"
        />
        <NumberInput
          label="Keep records"
          suffix=" months"
          min={1}
          max={120}
          allowDecimal={false}
          value={months}
          onChange={setMonths}
          error={errors.keep_record_months}
          w="10rem"
        />
      </Group>
      {dirty && sooner && days !== "" && months !== "" && (
        <p className={classes.warn} role="status">
          Pictures older than {days} days and records older than {months} months will be deleted.
        </p>
      )}
      <Refusal error={change.error} shown={["keep_picture_days", "keep_record_months"]} />
      <div>
        <Button type="submit" disabled={!dirty || days === "" || months === ""} loading={change.isPending}>
          Save form settings
        </Button>
      </div>
    </form>
  );
}
