/** The parts of FossaWork by their names. Pure. */
import type { ComponentView } from "@/api/types";
import { capital, plain } from "@/lib/operations";

/** As they stand within a sentence, each in the singular. */
const NAMES: Record<string, string> = {
  database: "database",
  operations_database: "operations database",
  auth: "sign-in",
  disk: "disk space",
  filesystem: "file system",
  scheduler: "job scheduler",
  integrity: "integrity of the data",
  automation: "browser",
  portal: "WorkFossa portal",
  sync: "sync",
  memory: "memory",
  cpu: "processor",
  certificate: "certificate",
  watcher: "watcher",
  backup: "backup",
};

const GROUPS: Record<string, string> = {
  server: "Server",
  work: "Work at the portal",
  machine: "Machine",
  safety: "Safety net",
};

export const partWords = (name: string): string => NAMES[name] ?? plain(name);

/** The same where it stands by itself. */
export const partName = (name: string): string => capital(partWords(name));

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
