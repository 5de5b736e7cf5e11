import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useSignIn } from "@/api/mutations";
import { ProblemPanel } from "@/components/ProblemPanel";
import { ApiProblem, hasCode } from "@/lib/problems";
import { Frame } from "./Frame";
import { WaitNotice } from "./WaitNotice";

const route = getRouteApi("/sign-in");

export function SignInPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const signIn = useSignIn();
  const [wait, setWait] = useState(0);
  const form = useForm({
    mode: "uncontrolled",
    initialValues: { email: "", password: "" },
    validate: {
      email: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : "Enter your e-mail address"),
      password: (value) => (value === "" ? "Enter your password" : null),
    },
  });

  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const submit = form.onSubmit((values) =>
    signIn.mutate(
      { email: values.email.trim(), password: values.password },
      {
        onSuccess: () => router.history.replace(next ?? "/week"),
        onError: (error) => {
          if (error instanceof ApiProblem && error.status === 429) setWait(error.retryAfter ?? 30);
        },
      },
    ),
  );
  const limited = signIn.error instanceof ApiProblem && signIn.error.status === 429;

  return (
    <Frame title="Sign in" lead="Your week, your work orders, your forms.">
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            autoFocus
            key={form.key("email")}
            {...form.getInputProps("email")}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            key={form.key("password")}
            {...form.getInputProps("password")}
          />
          {limited ? (
            <WaitNotice seconds={wait} />
          ) : (
            signIn.isError && (
              <ProblemPanel
                error={signIn.error}
                title={hasCode(signIn.error, "wrong_credentials") ? "Not signed in" : undefined}
              />
            )
          )}
          <Button type="submit" loading={signIn.isPending} disabled={wait > 0} fullWidth mt="xs">
            Sign in
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}
