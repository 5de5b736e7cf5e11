import { Select, Skeleton, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQuery } from "@tanstack/react-query";
import { useChangeRole } from "@/api/mutations";
import { peopleQuery } from "@/api/queries";
import type { Person, Role } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import { notifyDone } from "@/lib/notify";
import { shortDate } from "@/lib/time";
import { useMaybeUser } from "@/lib/useUser";
import classes from "./PeopleSection.module.css";

const ROLES: { value: Role; label: string; may: string }[] = [
  { value: "technician", label: "Technician", may: "their own work" },
  { value: "operator", label: "Operator", may: "their own work, and Operations" },
  { value: "admin", label: "Administrator", may: "everything, and who has which role" },
];

/** Everybody with an account, and their role. */
export function PeopleSection() {
  const { data, error, refetch } = useQuery(peopleQuery);
  const user = useMaybeUser();
  const change = useChangeRole();
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <span className="visually-hidden">Loading the people</span>
        <Skeleton height={120} radius={10} />
      </div>
    ) : (
      <ProblemPanel level={3} error={error} onRetry={() => refetch()} />
    );
  }
  const give = (person: Person, role: Role) =>
    change.mutate(
      { id: person.id, role },
      { onSuccess: () => notifyDone(`${person.email} is ${role} from their next click on.`) },
    );
  return (
    <div className={classes.root}>
      <ul className={classes.list}>
        {data.map((person) => (
          <PersonRow
            key={person.id}
            person={person}
            you={person.id === user?.id}
            changing={change.isPending && change.variables.id === person.id}
            onRole={(role) =>
              person.id === user?.id ? askOwn(role, () => give(person, role)) : give(person, role)
            }
          />
        ))}
      </ul>
      {change.error !== null && <ProblemPanel level={3} error={change.error} />}
      <dl className={classes.roles}>
        {ROLES.map(({ value, label, may }) => (
          <div key={value}>
            <dt>{label}</dt>
            <dd>{may}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Only administrators are here: another role of one's own is always a lower one. */
const askOwn = (role: Role, onConfirm: () => void): void => {
  modals.openConfirmModal({
    title: "Give up your own administration?",
    children: <Text size="md">As {role} you cannot take it back: another administrator has to.</Text>,
    labels: { confirm: `Become ${role}`, cancel: "Stay administrator" },
    confirmProps: { color: "red.9" },
    onConfirm,
  });
};

interface RowProps {
  person: Person;
  you: boolean;
  changing: boolean;
  onRole: (role: Role) => void;
}

function PersonRow({ person, you, changing, onRole }: RowProps) {
  return (
    <li className={classes.person}>
      <div className={classes.who}>
        <p>
          {person.email}
          {you && <span className="muted"> you</span>}
        </p>
        <p className="muted">since {shortDate(person.created_at, new Date().getFullYear())}</p>
      </div>
      {person.is_owner ? (
        <p className={classes.owner}>
          Administrator <span className="muted">the owner stays one</span>
        </p>
      ) : (
        <Select
          aria-label={`Role of ${person.email}`}
          allowDeselect={false}
          disabled={changing}
          data={ROLES.map(({ value, label }) => ({ value, label }))}
          value={person.role}
          onChange={(value) => value !== null && value !== person.role && onRole(value as Role)}
          w="11rem"
        />
      )}
    </li>
  );
}
