import { Button, Menu, Skeleton, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconAddressBook, IconDots, IconPlus, IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { useRemoveContact, useTestContact, useVerifyContact } from "@/api/onCallWrites";
import { contactsQuery } from "@/api/operations";
import type { OnCallContact } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ProblemPanel } from "@/components/ProblemPanel";
import { Section } from "@/components/Section";
import { StatusDot } from "@/components/StatusDot";
import { notifyDone, notifyProblem } from "@/lib/notify";
import { capital, roleName } from "@/lib/operations";
import { useMaybeUser, useZone } from "@/lib/useUser";
import { list } from "@/lib/words";
import { wallTime } from "@/lib/zoned";
import { verifiedAge } from "./duty";
import classes from "./OnCallPage.module.css";
import { Sent } from "./Sent";

const ContactDialog = lazy(() => import("./ContactDialog"));

/** Who can be called, by which ways, and when somebody last confirmed that these are right. */
export default function ContactsView() {
  const admin = useMaybeUser()?.role === "admin";
  const [edits, setEdits] = useState<OnCallContact | "new" | null>(null);
  const contacts = useQuery(contactsQuery);
  const { data, error, refetch } = contacts;
  return (
    <Section
      title="Contacts"
      of={contacts}
      hint="to be verified every 92 days"
      action={
        admin ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={15} aria-hidden />}
            onClick={() => setEdits("new")}
          >
            Add a contact
          </Button>
        ) : undefined
      }
    >
      {data === undefined ? (
        error === null ? (
          <div aria-busy="true">
            <span className="visually-hidden">Loading the contacts</span>
            <Skeleton height={200} radius={10} />
          </div>
        ) : (
          <ProblemPanel error={error} onRetry={() => refetch()} level={3} />
        )
      ) : data.items.length === 0 ? (
        <div className="card">
          <EmptyState
            compact
            level={3}
            icon={<IconAddressBook />}
            title="There is nobody to call"
            action={admin ? <Button onClick={() => setEdits("new")}>Add a contact</Button> : undefined}
          >
            Until there is, an alert reaches nobody but this page.
            {!admin && " An administrator can add contacts."}
          </EmptyState>
        </div>
      ) : (
        <ul className={classes.lane}>
          {data.items.map((contact) => (
            <Contact key={contact.id} contact={contact} admin={admin} onEdit={() => setEdits(contact)} />
          ))}
        </ul>
      )}
      <Suspense fallback={null}>
        {edits !== null && (
          <ContactDialog contact={edits === "new" ? null : edits} onClose={() => setEdits(null)} />
        )}
      </Suspense>
    </Section>
  );
}

interface ContactProps {
  contact: OnCallContact;
  admin: boolean;
  onEdit: () => void;
}

function Contact({ contact, admin, onEdit }: ContactProps) {
  const zone = useZone();
  const test = useTestContact(contact.id);
  const verify = useVerifyContact(contact.id);
  const remove = useRemoveContact(contact.id);
  const today = wallTime(Date.now(), zone).slice(0, 10);
  const age = verifiedAge(contact, today);
  const ways = [
    contact.email_hint === null ? null : `e-mail ${contact.email_hint}`,
    contact.pushover_hint === null ? null : `Pushover ${contact.pushover_hint}`,
    contact.desktop ? "this machine's desktop" : null,
  ].filter((way) => way !== null);
  const ask = () =>
    modals.openConfirmModal({
      title: `Remove ${contact.name}?`,
      children: <Text size="md">Nobody will be called there any more. What was sent stays on record.</Text>,
      labels: { confirm: "Remove the contact", cancel: "Keep it" },
      confirmProps: { color: "red.9" },
      onConfirm: () =>
        remove.mutate(undefined, {
          onSuccess: () => notifyDone(`${contact.name} is removed.`),
          onError: notifyProblem,
        }),
    });
  return (
    <li className={classes.contact}>
      <div className={classes.contactWhat}>
        <p>
          <strong>{contact.name}</strong>{" "}
          <span className="muted">{capital(list(contact.roles.map(roleName))) || "no role"}</span>
        </p>
        <p>{list(ways) || "no way to reach them"}</p>
        {contact.warnings.map((warning) => (
          <p key={warning} className={classes.warning}>
            {warning}
          </p>
        ))}
      </div>
      <StatusDot tone={age.tone}>{age.words}</StatusDot>
      <div className={classes.contactDo}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconSend size={14} aria-hidden />}
          loading={test.isPending}
          aria-label={`Test: send a message to ${contact.name}`}
          onClick={() => test.mutate(undefined, { onError: notifyProblem })}
        >
          Test
        </Button>
        {admin && (
          <Menu position="bottom-end" width={200}>
            <Menu.Target>
              <Button size="xs" variant="default" px="0.5rem" aria-label={`More about ${contact.name}`}>
                <IconDots size={16} aria-hidden />
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item
                onClick={() =>
                  verify.mutate(undefined, {
                    onSuccess: () => notifyDone(`${contact.name} is verified today.`),
                    onError: notifyProblem,
                  })
                }
              >
                All of it is right
              </Menu.Item>
              <Menu.Item onClick={onEdit}>Edit</Menu.Item>
              <Menu.Divider />
              <Menu.Item onClick={ask}>Remove</Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      {test.data !== undefined && <Sent message={test.data} />}
    </li>
  );
}
