import { TextInput, type TextInputProps } from "@mantine/core";

interface Props extends Omit<TextInputProps, "value" | "onChange" | "type" | "description"> {
  description?: string;
  /** What a clock on the wall shows: `2025-07-01T14:05`. */
  value: string;
  onChange: (wall: string) => void;
  zone: string;
}

/** A day and a time of the person's zone; the zone is named where this device is in another one. */
export function WallField({ value, onChange, zone, description, ...rest }: Props) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clock = own === zone ? null : `Clock of ${zone}`;
  return (
    <TextInput
      {...rest}
      type="datetime-local"
      description={[description, clock].filter(Boolean).join(". ") || undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
