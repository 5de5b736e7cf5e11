import { SegmentedControl, Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { boardQuery } from "@/api/operations";
import { useOpenIncident } from "@/api/operationsWrites";
import type { Kind, Priority } from "@/api/types";
import { FormModal } from "@/components/FormModal";
import { WallField } from "@/components/WallField";
import { notifyDone } from "@/lib/notify";
import { answerWords, capital, KINDS, PRIORITIES, priorityName } from "@/lib/operations";
import { fieldErrors } from "@/lib/problems";
import { useZone } from "@/lib/useUser";
import { instantOf } from "@/lib/zoned";
import classes from "./Dialog.module.css";

/** An incident that a person opens, for what no rule notices. */
export default function NewIncidentDialog({ onClose }: { onClose: () => void }) {
  const zone = useZone();
  const navigate = useNavigate();
  const { data: board } = useQuery(boardQuery);
  const open = useOpenIncident();
  const [title, setTitle] = useState("");
  const [priority, setPriority] = useState<Priority>("p2");
  const [kind, setKind] = useState<Kind>("performance");
  const [impact, setImpact] = useState("");
  const [began, setBegan] = useState("");
  const errors = fieldErrors(open.error);
  const started = began === "" ? null : instantOf(began, zone);
  const submit = () =>
    open.mutate(
      { title: title.trim(), priority, kind, user_impact: impact.trim(), started_at: started },
      {
        onSuccess: (incident) => {
          notifyDone(`${incident.id} is open.`);
          navigate({ to: "/operations/incidents/$incidentId", params: { incidentId: incident.id } });
        },
      },
    );
  return (
    <FormModal
      title="Open an incident"
      size="lg"
      writing={open}
      shown={["title", "user_impact", "started_at"]}
      submit="Open the incident"
      disabled={title.trim() === ""}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label="What is wrong"
        placeholder="Technicians cannot sign in"
        data-autofocus
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
        error={errors.title}
      />
      <div className={classes.pair}>
        <div>
          <p style={{ fontWeight: 500, fontSize: "var(--fw-s)", marginBottom: "0.25rem" }} id="priority">
            Priority
          </p>
          <SegmentedControl
            aria-labelledby="priority"
            fullWidth
            value={priority}
            onChange={(value) => setPriority(value as Priority)}
            data={PRIORITIES.map((one) => ({ value: one, label: priorityName(one) }))}
          />
          <p className="muted" style={{ fontSize: "var(--fw-xs)", marginTop: "0.25rem" }}>
            {capital(answerWords(priority, board?.responses)) || "\u00a0"}
          </p>
        </div>
        <Select
          label="Kind"
          allowDeselect={false}
          data={Object.entries(KINDS).map(([value, label]) => ({ value, label }))}
          value={kind}
          onChange={(value) => value !== null && setKind(value as Kind)}
        />
      </div>
      <Textarea
        label="Impact on users"
        description="What people cannot do, or see wrongly"
        autosize
        minRows={2}
        maxRows={8}
        maxLength={4000}
        value={impact}
        onChange={(event) => setImpact(event.currentTarget.value)}
        error={errors.user_impact}
      />
      <WallField
        label="Began"
        description="When that is known; otherwise now is taken"
        zone={zone}
        value={began}
        onChange={setBegan}
        error={errors.started_at}
      />
    </FormModal>
  );
}
