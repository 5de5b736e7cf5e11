/** The parts of FossaWork by their names. Pure. */
import type { ComponentView } from "@/api/types";
import { capital, plain } from "@/lib/operations";

const NAMES: Record<string, string> = {
  database: "Database",
  operations_database: "Operations database",
  auth: "Sign-in",
  filesystem: "Folders and disk",
  scheduler: "Job scheduler",
  integrity: "Integrity of the data",
  automation: "Browser",
  portal: "WorkFossa portal",
  sync: "Sync",
  memory: "Memory",
  cpu: "Processors",
  certificate: "Certificate",
  watcher: "Watcher",
  backup: "Backup",
};

const GROUPS: Record<string, string> = {
  server: "Server",
  work: "Work at the portal",
  machine: "Machine",
  safety: "Safety net",
};

export const partName = (name: string): string => NAMES[name] ?? capital(plain(name));

export interface HealthGroup {
  id: string;
  title: string;
  parts: ComponentView[];
}

/** The parts by what they belong to, in the order in which the server names them. */
export function healthGroups(parts: ComponentView[]): HealthGroup[] {
  const groups = new Map<string, HealthGroup>();
  for (const part of parts) {
    const known = groups.get(part.part_of) ?? {
      id: part.part_of,
      title: GROUPS[part.part_of] ?? capital(plain(part.part_of)),
      parts: [],
    };
    known.parts.push(part);
    groups.set(part.part_of, known);
  }
  return [...groups.values()];
}

/** The part that stands for backups; null while this version has none. */
export const backupPart = (parts: ComponentView[]): ComponentView | null =>
  parts.find((part) => part.name === "backup" || part.name === "backups") ?? null;
