import { TextInput, type TextInputProps } from "@mantine/core";

interface Props extends Omit<TextInputProps, "value" | "onChange" | "type"> {
  /** What a clock on the wall shows: `2025-07-01T14:05`. */
  value: string;
  onChange: (wall: string) => void;
  zone: string;
}

/** A day and a time of the person's zone; the zone is named where this device is in another one. */
export function WallField({ value, onChange, zone, description, ...rest }: Props) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <TextInput
      {...rest}
      type="datetime-local"
      description={description ?? (own === zone ? undefined : `Clock of ${zone}`)}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
