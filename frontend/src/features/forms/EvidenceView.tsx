import type { RunForm, StepView } from "@/api/types";
import { ScrollRegion } from "@/components/ScrollRegion";
import { isReadings } from "@/lib/runs";
import { instantText } from "@/lib/time";
import { useZone } from "@/lib/useUser";
import { count } from "@/lib/words";
import classes from "./FormTable.module.css";
import { ReadingsBack } from "./ReadingsBack";
import { Shots } from "./Shots";

/** What the portal showed for a step: its own words, else the values of the grade in the evidence. */
function readBack(step: StepView, form: RunForm): string {
  if (step.found !== null) return step.found.replace(`${step.label}: `, "");
  const grade = step.key.startsWith("grade:")
    ? form.evidence?.grades.find((one) => one.grade === step.label)
    : undefined;
  if (grade === undefined) return "not read back";
  const meter = grade.has_meter === null ? "meter not answered" : grade.has_meter ? "meter" : "no meter";
  return [meter, grade.fill ?? "no fill", grade.prover ?? "no prover"].join(" · ");
}

/** What the portal itself showed when the form was read back, beside what was wanted. */
export function EvidenceView({ form, runId }: { form: RunForm; runId: string }) {
  const zone = useZone();
  const { evidence } = form;
  const groups = form.steps.filter(isReadings);
  const proven = groups.filter((step) => step.state === "verified").length;
  // Groups that came back as wanted are told in one line; the others need to be seen.
  const shown = form.steps.filter((step) => !isReadings(step) || step.state !== "verified");
  return (
    <>
      {evidence === null ? (
        <p className="muted">The form was not read back; what was wanted stands below.</p>
      ) : (
        <p className={classes.evidenceHead}>
          <span>
            Read from the portal{" "}
            <time dateTime={evidence.read_at}>{instantText(evidence.read_at, zone, true)}</time>
          </span>
          <span>
            Equipment <b>{evidence.equipment ?? "none"}</b>
          </span>
          <span>
            Prover size <b>{evidence.prover_size ?? "none"}</b>
          </span>
          {evidence.badge !== null && (
            <span>
              Badge <b>{evidence.badge}</b>
            </span>
          )}
          {groups.length > 0 && (
            <span>
              Readings{" "}
              <b>
                {proven} of {count(groups.length, "group")} as wanted
              </b>
            </span>
          )}
        </p>
      )}
      <ScrollRegion className={classes.evidenceScroll} label={`Evidence, dispenser ${form.dispenser}`}>
        <table className={classes.evidence}>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Wanted</th>
              <th scope="col">Read back</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((step) => (
              <tr key={step.key}>
                <th scope="row">{step.label}</th>
                <td>{step.wanted}</td>
                <td className={step.state === "failed" ? classes.differs : undefined}>
                  {readBack(step, form)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {evidence !== null && evidence.readings.length > 0 && (
        <ReadingsBack dispenser={form.dispenser} readings={evidence.readings} />
      )}
      {evidence !== null && <Shots runId={runId} form={form} shots={evidence.shots} />}
    </>
  );
}
