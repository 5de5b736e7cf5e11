import { Button, NumberInput, PasswordInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { channelsQuery, messagesQuery, useSetChannels, useTestMessage } from "@/api/oncall";
import type { NewSmtp, Notification, NotificationSettings } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone } from "@/lib/notify";
import { fieldErrors } from "@/lib/problems";
import { isAdmin } from "@/lib/roles";
import { instantText } from "@/lib/time";
import { useMaybeUser, useZone } from "@/lib/useUser";
import classes from "./OnCall.module.css";
import { Waiting } from "./Waiting";
import { messageState, OUTCOMES } from "./words";

const SECURITY = [
  { value: "starttls", label: "STARTTLS (usual)" },
  { value: "ssl", label: "TLS from the start" },
  { value: "plain", label: "none (only on this machine)" },
];

/** By what messages are sent, and what became of the last ones. */
export default function ChannelsView() {
  const admin = isAdmin(useMaybeUser());
  return (
    <>
      <Messages />
      {admin && <Channels />}
    </>
  );
}

function Messages() {
  const { data, error, refetch } = useQuery(messagesQuery);
  return (
    <Section title="Messages" hint="the last 30, with what came of each way">
      {data === undefined ? (
        <Waiting what="the messages" height={190} error={error} onRetry={() => refetch()} />
      ) : data.items.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="No message was sent yet">
            Each business day a quiet test goes to whoever is on call.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.list}>
          {data.items.map((message) => (
            <Message key={message.id} message={message} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Message({ message }: { message: Notification }) {
  const zone = useZone();
  const state = messageState(message);
  return (
    <li className={classes.item}>
      <div className={classes.what}>
        <p>
          <strong>{message.subject}</strong>
        </p>
        <p className="muted">
          to {message.recipient}, {instantText(message.created_at, zone)}
        </p>
        {message.deliveries
          .filter((one) => one.channel !== "log")
          .map((one) => (
            <p key={one.id} className={one.outcome === "failed" ? classes.warning : "muted"}>
              {one.channel} {one.hint} {OUTCOMES[one.outcome]}
              {one.detail !== "" && `: ${one.detail}`}
            </p>
          ))}
      </div>
      <StatusDot tone={state.tone}>{state.words}</StatusDot>
    </li>
  );
}

function Channels() {
  const { data, error, refetch } = useQuery(channelsQuery);
  return (
    <Section title="Channels" hint="secrets are kept encrypted and can be read by nobody">
      {data === undefined ? (
        <Waiting what="the channels" height={420} error={error} onRetry={() => refetch()} />
      ) : (
        <ChannelForm key={data.changed_at} kept={data} />
      )}
    </Section>
  );
}

function ChannelForm({ kept }: { kept: NotificationSettings }) {
  const set = useSetChannels();
  const test = useTestMessage();
  const [host, setHost] = useState(kept.smtp?.host ?? "");
  const [port, setPort] = useState<number | string>(kept.smtp?.port ?? 587);
  const [security, setSecurity] = useState<NewSmtp["security"]>(kept.smtp?.security ?? "starttls");
  const [sender, setSender] = useState(kept.smtp?.sender ?? "");
  const [user, setUser] = useState(kept.smtp?.user ?? "");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  const errors = fieldErrors(set.error);
  const submit = () =>
    set.mutate(
      {
        smtp:
          host.trim() === ""
            ? null
            : {
                host: host.trim(),
                port: Number(port),
                security,
                sender: sender.trim(),
                user: user.trim() || null,
                password: password || null,
                ca: kept.smtp?.ca ?? null,
              },
        pushover:
          token.trim() !== "" ? { token: token.trim() } : kept.pushover_token_is_set ? { token: null } : null,
      },
      { onSuccess: () => notifyDone("Saved. Send a test to see whether it works.") },
    );
  return (
    <form
      className={`card ${classes.channels}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={classes.pair}>
        <TextInput
          label="Mail server"
          description="Empty: no e-mail"
          placeholder="smtp.example.com"
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
          error={errors["smtp.host"]}
        />
        <NumberInput
          label="Port"
          description="587 with STARTTLS, 465 with TLS"
          min={1}
          max={65535}
          allowDecimal={false}
          value={port}
          onChange={setPort}
          error={errors["smtp.port"]}
        />
      </div>
      <div className={classes.pair}>
        <Select
          label="Encryption"
          data={SECURITY}
          allowDeselect={false}
          value={security}
          onChange={(value) => setSecurity(value as NewSmtp["security"])}
          error={errors["smtp.security"]}
        />
        <TextInput
          label="Sender"
          type="email"
          value={sender}
          onChange={(event) => setSender(event.currentTarget.value)}
          error={errors["smtp.sender"]}
        />
      </div>
      <div className={classes.pair}>
        <TextInput
          label="User"
          autoComplete="off"
          value={user}
          onChange={(event) => setUser(event.currentTarget.value)}
          error={errors["smtp.user"]}
        />
        <PasswordInput
          label="Password"
          description={kept.smtp?.password_is_set ? "One is kept; empty leaves it" : "Empty: none"}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={errors["smtp.password"]}
        />
      </div>
      <PasswordInput
        label="Pushover application token"
        description={
          kept.pushover_token_is_set
            ? "One is kept; empty leaves it"
            : "30 letters and digits; empty: no Pushover"
        }
        autoComplete="new-password"
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        error={errors["pushover.token"]}
      />
      {set.error !== null && Object.keys(errors).length === 0 && <ProblemPanel error={set.error} level={3} />}
      {test.error !== null && <ProblemPanel error={test.error} level={3} />}
      {test.data !== undefined && (
        <p role="status">
          Test to {test.data.recipient}:{" "}
          {test.data.deliveries
            .map((one) => `${one.channel} ${OUTCOMES[one.outcome]}${one.detail ? ` (${one.detail})` : ""}`)
            .join("; ")}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="default" loading={test.isPending} onClick={() => test.mutate()}>
          Send me a test
        </Button>
        <Button type="submit" loading={set.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}
