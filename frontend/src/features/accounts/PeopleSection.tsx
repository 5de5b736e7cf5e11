import { Select, Skeleton } from "@mantine/core";
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
  return (
    <div className={classes.root}>
      <ul className={classes.list}>
        {data.map((person) => (
          <PersonRow
            key={person.id}
            person={person}
            changing={change.isPending && change.variables.id === person.id}
            onRole={(role) =>
              change.mutate(
                { id: person.id, role },
                { onSuccess: () => notifyDone(`${person.email} is ${role} from their next click on.`) },
              )
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

interface RowProps {
  person: Person;
  changing: boolean;
  onRole: (role: Role) => void;
}

function PersonRow({ person, changing, onRole }: RowProps) {
  const user = useMaybeUser();
  return (
    <li className={classes.person}>
      <div className={classes.who}>
        <p>
          {person.email}
          {person.id === user?.id && <span className="muted"> you</span>}
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
