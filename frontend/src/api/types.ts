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
export type PlanChoices = Schemas["PlanChoices"];
export type Question = Schemas["Question"];
export type Station = Schemas["Station"];
export type StationType = Schemas["StationType"];
export type Procedure = Schemas["Procedure"];
export type Flow = Schemas["Flow"];
export type ReadingGroup = Schemas["ReadingGroup"];
export type TemplateReading = Schemas["TemplateReading"];
export type ReadingTemplates = Schemas["ReadingTemplates"];
export type TemplateView = Schemas["TemplateView"];
export type TemplateChange = Schemas["TemplateChange"];
export type FormSettings = Schemas["FormSettings"];
export type FormRun = Schemas["FormRun"];
export type RunForm = Schemas["RunForm"];
export type RunState = Schemas["RunState"];
export type StepView = Schemas["StepView"];
export type StepState = Schemas["StepState"];
export type Verdict = Schemas["Verdict"];
export type Evidence = Schemas["Evidence"];
export type EvidenceReading = Schemas["EvidenceReading"];
export type Shot = Schemas["Shot"];
export type Batch = Schemas["Batch"];
export type BatchVisit = Schemas["BatchVisit"];
export type BatchPage = Schemas["BatchPage"];
export type BatchState = Schemas["BatchState"];
export type VisitState = Schemas["VisitState"];
export type NewBatch = Schemas["NewBatch"];
export type RetryWhat = Schemas["RetryWhat"];
export type Politeness = Schemas["Politeness"];
export type NewPoliteness = Schemas["NewPoliteness"];
export type Notice = Schemas["Notice"];
export type Prover = Schemas["Prover"];
export type ProverList = Schemas["ProverList"];
export type LogEntry = Schemas["NewLogEntry"];

export type JobKind = "link" | "sync" | "visit_check" | "form_run" | "batch" | "portal_check" | "window";

/** One live event. It travels on the event stream, which OpenAPI cannot describe, so its shape is written here. */
export interface JobEvent {
  id: number;
  at: string;
  job_kind: JobKind;
  job_id: string;
  type: string;
  message: string;
  data: Record<string, unknown>;
  /** The request that asked for the job. */
  request_id?: string | null;
}
