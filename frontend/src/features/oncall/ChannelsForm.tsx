import { Button, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useState } from "react";
import { useSendTrial, useSetChannels } from "@/api/onCallWrites";
import type { NewNotificationSettings, NotificationSettings, SmtpSetup } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Refusal } from "@/components/Refusal";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { useMaybeUser } from "@/lib/useUser";
import classes from "./ChannelsForm.module.css";
import { Sent } from "./Sent";

const BLANK: SmtpSetup = {
  host: "",
  port: 587,
  security: "starttls",
  sender: "",
  user: null,
  password_is_set: false,
  ca: null,
};

/** E-mail and Pushover. Secrets go in and never come out: an empty field keeps what is stored. */
export function ChannelsForm({ kept }: { kept: NotificationSettings }) {
  const set = useSetChannels();
  const [mail, setMail] = useState(kept.smtp !== null);
  const [smtp, setSmtp] = useState(kept.smtp ?? BLANK);
  const [password, setPassword] = useState("");
  const [push, setPush] = useState(kept.pushover_token_is_set);
  const [token, setToken] = useState("");
  const errors = fieldErrors(set.error);
  const wish: NewNotificationSettings = {
    smtp: mail
      ? {
          host: smtp.host.trim(),
          port: smtp.port,
          security: smtp.security,
          sender: smtp.sender.trim(),
          user: smtp.user?.trim() || null,
          password: password || null,
          ca: smtp.ca?.trim() || null,
        }
      : null,
    pushover: push ? { token: token.trim() || null } : null,
  };
  return (
    <form
      className={classes.channels}
      onSubmit={(event) => {
        event.preventDefault();
        set.mutate(wish, { onSuccess: () => notifyDone("Saved. Send a test message to see that it works.") });
      }}
    >
      <div className={classes.channel}>
        <Switch
          label="E-mail"
          description="Sent by a mail server (SMTP)"
          checked={mail}
          onChange={(event) => setMail(event.currentTarget.checked)}
        />
        {mail && (
          <MailFields
            smtp={smtp}
            onSmtp={setSmtp}
            password={password}
            onPassword={setPassword}
            errors={errors}
          />
        )}
      </div>
      <div className={classes.channel}>
        <Switch
          label="Pushover"
          description="Wakes phones; each contact has a key of their own"
          checked={push}
          onChange={(event) => setPush(event.currentTarget.checked)}
        />
        {push && (
          <PasswordInput
            label="Application token"
            description={
              kept.pushover_token_is_set ? "Set. Only type here to replace it." : "30 letters and digits"
            }
            autoComplete="off"
            value={token}
            onChange={(event) => setToken(event.currentTarget.value)}
            error={errors["pushover.token"]}
            className={classes.narrow}
          />
        )}
      </div>
      <Refusal
        error={set.error}
        shown={[
          "smtp.host",
          "smtp.port",
          "smtp.sender",
          "smtp.user",
          "smtp.password",
          "smtp.ca",
          "pushover.token",
        ]}
      />
      <div className={classes.save}>
        <Button type="submit" loading={set.isPending}>
          Save the channels
        </Button>
        <Trial />
      </div>
    </form>
  );
}

interface MailProps {
  smtp: SmtpSetup;
  onSmtp: (smtp: SmtpSetup) => void;
  password: string;
  onPassword: (password: string) => void;
  errors: Record<string, string>;
}

function MailFields({ smtp, onSmtp, password, onPassword, errors }: MailProps) {
  const set = (change: Partial<SmtpSetup>) => onSmtp({ ...smtp, ...change });
  return (
    <div className={classes.mail}>
      <TextInput
        label="Server"
        placeholder="mail.example.com"
        value={smtp.host}
        onChange={(event) => set({ host: event.currentTarget.value })}
        error={errors["smtp.host"]}
      />
      <NumberInput
        label="Port"
        min={1}
        max={65_535}
        allowDecimal={false}
        value={smtp.port}
        onChange={(value) => set({ port: Number(value) })}
        error={errors["smtp.port"]}
      />
      <Select
        label="Security"
        allowDeselect={false}
        data={[
          { value: "starttls", label: "STARTTLS" },
          { value: "ssl", label: "TLS from the start" },
          { value: "plain", label: "None (this network only)" },
        ]}
        value={smtp.security}
        onChange={(value) => value !== null && set({ security: value as SmtpSetup["security"] })}
      />
      <TextInput
        label="Sender"
        placeholder="fossawork@example.com"
        type="email"
        value={smtp.sender}
        onChange={(event) => set({ sender: event.currentTarget.value })}
        error={errors["smtp.sender"]}
      />
      <TextInput
        label="User"
        autoComplete="off"
        value={smtp.user ?? ""}
        onChange={(event) => set({ user: event.currentTarget.value })}
        error={errors["smtp.user"]}
      />
      <PasswordInput
        label="Password"
        description={smtp.password_is_set ? "Set. Only type here to replace it." : undefined}
        autoComplete="new-password"
        value={password}
        onChange={(event) => onPassword(event.currentTarget.value)}
        error={errors["smtp.password"]}
      />
      <details className={classes.wide} open={smtp.ca !== null && smtp.ca !== ""}>
        <summary>Certificate of an authority of your own</summary>
        <Textarea
          aria-label="Certificate in PEM form"
          placeholder="-----BEGIN CERTIFICATE-----"
          autosize
          minRows={3}
          maxRows={8}
          value={smtp.ca ?? ""}
          onChange={(event) => set({ ca: event.currentTarget.value })}
          error={errors["smtp.ca"]}
        />
      </details>
    </div>
  );
}

/** A test message to whoever sits here; the answer says what came of it. */
function Trial() {
  const user = useMaybeUser();
  const trial = useSendTrial();
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconSend size={15} aria-hidden />}
        loading={trial.isPending}
        onClick={() => trial.mutate({})}
      >
        Send a test to {user?.email}
      </Button>
      {trial.error !== null && <ProblemPanel error={trial.error} level={3} />}
      {trial.data !== undefined && <Sent message={trial.data} />}
    </>
  );
}
