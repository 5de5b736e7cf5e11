import { Button, Group, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCheck, IconPoint } from "@tabler/icons-react";
import { useCreateOwner } from "@/api/mutations";
import { ProblemPanel } from "@/components/ProblemPanel";
import classes from "./OwnerForm.module.css";

export const MIN_PASSWORD = 12;
const MAX_PASSWORD = 256;

export const passwordProblem = (value: string): string | null => {
  if (value.length < MIN_PASSWORD) return `Use at least ${MIN_PASSWORD} characters`;
  if (value.length > MAX_PASSWORD) return `Use at most ${MAX_PASSWORD} characters`;
  return null;
};

export function OwnerForm({ onCreated, onBack }: { onCreated: () => void; onBack: () => void }) {
  const create = useCreateOwner();
  const form = useForm({
    initialValues: { email: "", password: "" },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : "Enter an e-mail address"),
      password: passwordProblem,
    },
  });
  const long = form.values.password.length;
  const enough = long >= MIN_PASSWORD;

  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        create.mutate({ email: values.email.trim(), password: values.password }, { onSuccess: onCreated }),
      )}
    >
      <Stack gap="sm">
        <TextInput
          label="E-mail"
          type="email"
          autoComplete="username"
          autoFocus
          {...form.getInputProps("email")}
        />
        <PasswordInput
          label="Password"
          autoComplete="new-password"
          aria-describedby="password-rules"
          {...form.getInputProps("password")}
        />
        <ul id="password-rules" className={classes.rules}>
          <li data-met={enough || undefined}>
            {enough ? <IconCheck size={14} aria-hidden /> : <IconPoint size={14} aria-hidden />}
            At least {MIN_PASSWORD} characters{long > 0 && !enough ? ` (${MIN_PASSWORD - long} more)` : ""}
          </li>
          <li>
            <IconPoint size={14} aria-hidden />
            Not your WorkFossa password; a short sentence is good
          </li>
        </ul>
        {create.isError && <ProblemPanel error={create.error} />}
        <Group mt="xs">
          <Button type="submit" loading={create.isPending}>
            Create account
          </Button>
          <Button variant="subtle" color="gray" onClick={onBack} disabled={create.isPending}>
            Back
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
