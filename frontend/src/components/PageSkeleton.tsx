import { Skeleton } from "@mantine/core";

/** Shown only while a page's code is loading. */
export function PageSkeleton() {
  return (
    <div aria-busy="true" style={{ padding: "1.25rem 1.5rem", display: "grid", gap: "0.75rem" }}>
      <span className="visually-hidden">Loading</span>
      <Skeleton height={28} width={240} />
      <Skeleton height={180} />
    </div>
  );
}
