import { Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { contactsQuery, useRemoveContact, useTestContact, useVerifyContact } from "@/api/oncall";
import type { OnCallContact } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { Section } from "@/components/Section";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { isAdmin } from "@/lib/roles";
import { dayDate } from "@/lib/time";
import { useMaybeUser } from "@/lib/useUser";
import classes from "./OnCall.module.css";
import { Waiting } from "./Waiting";
import { OUTCOMES, ROLES } from "./words";

const ContactDialog = lazy(() => import("./ContactDialog"));

/** Everybody who can be told, by what, and whether that was confirmed within the last quarter of a year. */
export default function ContactsView() {
  const admin = isAdmin(useMaybeUser());
  const [adding, setAdding] = useState(false);
  const { data, error, refetch } = useQuery(contactsQuery);
  return (
    <Section
      title="Contacts"
      hint="addresses are kept encrypted, and shown as hints"
      action={
        admin && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setAdding(true)}
          >
            Add a contact
          </Button>
        )
      }
    >
      {data === undefined ? (
        <Waiting what="the contacts" height={160} error={error} onRetry={() => refetch()} />
      ) : data.items.length === 0 ? (
        <div className="card">
          <EmptyState compact level={3} title="No contact is entered">
            {admin ? "Add whoever is to be told when something breaks." : "An administrator can add some."}
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.list}>
          {data.items.map((contact) => (
            <Contact key={contact.id} contact={contact} admin={admin} />
          ))}
        </ul>
      )}
      <Suspense fallback={null}>{adding && <ContactDialog onClose={() => setAdding(false)} />}</Suspense>
    </Section>
  );
}

function Contact({ contact, admin }: { contact: OnCallContact; admin: boolean }) {
  const verify = useVerifyContact();
  const test = useTestContact();
  const remove = useRemoveContact();
  const ways = [contact.email_hint, contact.pushover_hint && `Pushover ${contact.pushover_hint}`]
    .concat(contact.desktop ? ["this machine's desktop"] : [])
    .filter(Boolean)
    .join(" · ");
  const ask = () =>
    modals.openConfirmModal({
      title: `Remove ${contact.name}?`,
      children: (
        <Text size="md">Nobody can be told as {contact.name} any more; the addresses are forgotten.</Text>
      ),
      labels: { confirm: "Remove", cancel: "Keep" },
      confirmProps: { color: "red.9" },
      onConfirm: () =>
        remove.mutate(contact.id, {
          onSuccess: () => notifyDone(`${contact.name} is removed.`),
          onError: notifyProblem,
        }),
    });
  return (
    <li className={classes.item}>
      <div className={classes.what}>
        <p>
          <strong>{contact.name}</strong>{" "}
          <span className="muted">{contact.roles.map((role) => ROLES[role]).join(", ") || "no role"}</span>
        </p>
        <p>{ways || <span className={classes.nobody}>cannot be reached</span>}</p>
        <p className="muted">
          {contact.verified_on === null ? "never confirmed" : `confirmed ${dayDate(contact.verified_on)}`} ·{" "}
          {contact.time_zone}
        </p>
        {contact.warnings.map((warning) => (
          <p key={warning} className={classes.warning}>
            {warning}
          </p>
        ))}
        {test.data !== undefined && (
          <p role="status">
            Test:{" "}
            {test.data.deliveries
              .map((one) => `${one.channel} ${OUTCOMES[one.outcome]}${one.detail ? ` (${one.detail})` : ""}`)
              .join("; ") || "nothing could be tried"}
          </p>
        )}
      </div>
      {admin && (
        <div className={classes.buttons}>
          <Button
            size="xs"
            variant="default"
            loading={test.isPending}
            aria-label={`Send a test message to ${contact.name}`}
            onClick={() => test.mutate(contact.id, { onError: notifyProblem })}
          >
            Test
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={verify.isPending}
            aria-label={`Confirm that everything of ${contact.name} is right`}
            onClick={() =>
              verify.mutate(contact.id, {
                onSuccess: () => notifyDone(`${contact.name} is confirmed for a quarter of a year.`),
                onError: notifyProblem,
              })
            }
          >
            Confirm
          </Button>
          <Button
            size="xs"
            variant="default"
            loading={remove.isPending}
            aria-label={`Remove ${contact.name}`}
            onClick={ask}
          >
            Remove
          </Button>
        </div>
      )}
    </li>
  );
}
