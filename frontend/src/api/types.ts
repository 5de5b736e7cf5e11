/** The names of the API's shapes as the screens use them. Everything comes from the generated schema. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Problem = Schemas["Problem"];
export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type SetupState = Schemas["SetupState"];
export type LinkStatus = Schemas["LinkStatus"];
export type PreferencesChange = Schemas["PreferencesChange"];
export type Week = Schemas["Week"];
export type WeekPair = Schemas["WeekPair"];
export type Day = Schemas["Day"];
export type VisitCard = Schemas["VisitCard"];
export type Chain = Schemas["Chain"];
export type Fact = Schemas["Fact"];
export type FactKind = Schemas["FactKind"];
export type FormsProgress = Schemas["FormsProgress"];
export type DataAge = Schemas["DataAge"];
export type WorkOrder = Schemas["WorkOrder"];
export type Location = Schemas["Location"];
export type Dispenser = Schemas["Dispenser"];
export type SyncRun = Schemas["SyncRun"];
export type SyncStatus = Schemas["SyncStatus"];
export type SyncPage = Schemas["SyncPage"];
export type VisitPlan = Schemas["VisitPlan"];
export type FormPlan = Schemas["FormPlan"];
export type GradePlan = Schemas["GradePlan"];
export type GradeChoice = Schemas["GradeChoice"];
export type FormAction = Schemas["FormAction"];
export type FormRun = Schemas["FormRun"];
export type RunForm = Schemas["RunForm"];
export type RunState = Schemas["RunState"];
export type StepView = Schemas["StepView"];
export type StepState = Schemas["StepState"];
export type Verdict = Schemas["Verdict"];
export type Notice = Schemas["Notice"];
export type Prover = Schemas["Prover"];
export type ProverList = Schemas["ProverList"];

export type JobKind = "link" | "sync" | "visit_check" | "form_run";

/** One live event. It travels on the event stream, which OpenAPI cannot describe, so its shape is written here. */
export interface JobEvent {
  id: number;
  at: string;
  job_kind: JobKind;
  job_id: string;
  type: string;
  message: string;
  data: Record<string, unknown>;
}
