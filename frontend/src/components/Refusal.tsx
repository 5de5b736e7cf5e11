import { fieldErrors } from "@/lib/problems";
import { ProblemPanel } from "./ProblemPanel";

interface Props {
  error: unknown;
  /** The fields that say themselves what is wrong with them, or with a part of them. */
  shown: readonly string[];
}

/** Why a form was not taken. Nothing only where each refused field says it by itself: no refusal is silent. */
export function Refusal({ error, shown }: Props) {
  const fields = Object.keys(fieldErrors(error));
  const isSaid = (field: string) => shown.some((name) => field === name || field.startsWith(`${name}.`));
  if (error === null || (fields.length > 0 && fields.every(isSaid))) return null;
  return <ProblemPanel error={error} level={3} />;
}
