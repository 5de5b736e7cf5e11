import { Loader } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconPhotoOff } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { shotQuery } from "@/api/queries";
import type { RunForm, Shot } from "@/api/types";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import classes from "./Evidence.module.css";

const NAMES = { "section-1": "Section 1", grades: "Grades", readings: "Readings" } as const;
type ShotName = keyof typeof NAMES;
const isName = (name: string): name is ShotName => name in NAMES;

interface Props {
  runId: string;
  form: RunForm;
  shots: Shot[];
}

/** Pictures of the sections as they were saved; one opens large. */
export function Shots({ runId, form, shots }: Props) {
  const known = shots.filter((shot) => isName(shot.name));
  if (known.length === 0) return <p className={classes.noShots}>No pictures were taken.</p>;
  return (
    <ul className={classes.shots} aria-label={`Pictures, dispenser ${form.dispenser}`}>
      {known.map((shot) => (
        <li key={shot.name}>
          {shot.kept ? (
            <Thumbnail runId={runId} form={form} shot={shot} name={shot.name as ShotName} />
          ) : (
            <Gone words="picture no longer kept" />
          )}
          <span className={classes.shotName}>{NAMES[shot.name as ShotName]}</span>
        </li>
      ))}
    </ul>
  );
}

const Gone = ({ words }: { words: string }) => (
  <span className={classes.gone}>
    <IconPhotoOff size={18} aria-hidden /> {words}
  </span>
);

function Thumbnail({
  runId,
  form,
  shot,
  name,
}: {
  runId: string;
  form: RunForm;
  shot: Shot;
  name: ShotName;
}) {
  const zone = useZone();
  const { data, error } = useQuery(shotQuery(runId, form.position, name));
  if (error !== null) return <Gone words="picture could not be read" />;
  if (data === undefined) {
    return (
      <span className={classes.gone} aria-busy="true">
        <Loader size={16} />
      </span>
    );
  }
  const alt = `${NAMES[name]} of ${form.dispenser} as saved`;
  const show = () =>
    modals.open({
      title: `${form.dispenser} · ${NAMES[name]} · ${instantText(shot.taken_at, zone, true)}`,
      size: "min(76rem, 94vw)",
      children: <img src={data} alt={alt} className={classes.large} />,
    });
  return (
    <button type="button" className={classes.thumbnail} onClick={show} aria-label={`Show large: ${alt}`}>
      <img src={data} alt="" />
    </button>
  );
}
