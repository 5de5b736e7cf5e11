import { Skeleton } from "@mantine/core";
import { ProblemPanel } from "@/components/ProblemPanel";

interface Props {
  what: string;
  height: number;
  error: unknown;
  onRetry: () => void;
}

/** A part that is not there yet, in its later shape; or why it is not. */
export function Waiting({ what, height, error, onRetry }: Props) {
  return error === null ? (
    <div aria-busy="true">
      <span className="visually-hidden">Loading {what}</span>
      <Skeleton height={height} radius={10} />
    </div>
  ) : (
    <ProblemPanel error={error} onRetry={onRetry} level={3} />
  );
}
