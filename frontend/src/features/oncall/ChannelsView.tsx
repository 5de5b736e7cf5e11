import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { channelsQuery, sentQuery } from "@/api/operations";
import type { Notification } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { instantText } from "@/lib/time";
import { useMaybeUser, useZone } from "@/lib/useUser";
import { ChannelsForm } from "./ChannelsForm";
import { messageState, waysOf } from "./duty";
import classes from "./OnCallPage.module.css";

/** By what messages are sent, whether that works, and what came of the last ones. */
export default function ChannelsView() {
  const admin = useMaybeUser()?.role === "admin";
  return (
    <>
      {admin ? (
        <Channels />
      ) : (
        <Section title="Channels">
          <p className="muted">Administrators see and change by what messages are sent.</p>
        </Section>
      )}
      <LastSent />
    </>
  );
}

function Channels() {
  const channels = useQuery(channelsQuery);
  const { data, error, refetch } = channels;
  return (
    <Section title="Channels" of={channels} hint="by what messages are sent">
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the channels</span>
            <Skeleton height={320} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : (
        <ChannelsForm key={data.changed_at ?? "never"} kept={data} />
      )}
    </Section>
  );
}

function LastSent() {
  const sent = useQuery(sentQuery);
  const { data, error, refetch } = sent;
  return (
    <Section title="Last messages" of={sent} hint="newest first">
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the messages</span>
            <Skeleton height={200} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : data.items.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="Nothing was sent yet">
            Each message is kept here with what came of it by every way.
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.lane}>
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
  const { tone, words } = messageState(message);
  return (
    <li className={classes.contact}>
      <div className={classes.contactWhat}>
        <p>
          <strong>{message.subject}</strong>
        </p>
        <p className="muted">
          to {message.recipient}, {instantText(message.created_at, zone, true)}
        </p>
        {waysOf(message.deliveries).map((way) => (
          <p key={way.id} className={way.tone === "bad" ? classes.warning : "muted"}>
            {way.words}
          </p>
        ))}
      </div>
      <StatusDot tone={tone}>{words}</StatusDot>
    </li>
  );
}
