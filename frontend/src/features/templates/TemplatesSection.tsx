import { Button, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { templatesQuery } from "@/api/queries";
import type { StationType } from "@/api/types";
import { ProblemPanel } from "@/components/ProblemPanel";
import classes from "./Templates.module.css";

const TemplateEditor = lazy(() => import("./TemplateEditor"));

/** The station types with what each prescribes; one is changed in a dialog. */
export function TemplatesSection() {
  const { data, error, refetch } = useQuery(templatesQuery);
  const [edited, setEdited] = useState<StationType | null>(null);
  if (data === undefined) {
    return error === null ? (
      <div aria-busy="true">
        <Skeleton height={300} radius={10} />
      </div>
    ) : (
      <ProblemPanel level={3} error={error} onRetry={() => refetch()} />
    );
  }
  const view = data.items.find((item) => item.template.station === edited);
  return (
    <>
      <ul className={classes.list}>
        {data.items.map(({ template, name, own }) => (
          <li key={template.station} className={classes.item}>
            <span className={classes.name}>
              {name} {own && <span className={classes.own}>changed by you</span>}
            </span>
            <span className={classes.counts}>
              metered {template.metered.length || "none"} · blended {template.blended.length || "none"} ·
              after a blended one {template.later_blends.length || "none"}
            </span>
            <Button
              size="xs"
              variant="default"
              aria-label={`Change the readings of ${name}`}
              onClick={() => setEdited(template.station)}
            >
              Change
            </Button>
          </li>
        ))}
      </ul>
      {view !== undefined && (
        <Suspense fallback={null}>
          <TemplateEditor
            key={view.template.station}
            view={view}
            procedures={data.procedures}
            onClose={() => setEdited(null)}
          />
        </Suspense>
      )}
    </>
  );
}
