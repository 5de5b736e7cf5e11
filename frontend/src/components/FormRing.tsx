import type { FormsProgress } from "@/api/types";
import classes from "./FormRing.module.css";

export interface FormWords {
  tone: "none" | "open" | "part" | "done" | "person";
  figure: string;
  words: string;
}

/** How far the forms of a visit are, in figures and words. */
export function formWords(forms: FormsProgress | null): FormWords {
  if (forms === null || forms.wanted === null)
    return { tone: "none", figure: "", words: "Forms not planned" };
  const { verified, wanted, needs_person: person } = forms;
  const figure = `${verified}/${wanted}`;
  if (person > 0)
    return { tone: "person", figure, words: person === 1 ? "1 needs you" : `${person} need you` };
  if (wanted === 0) return { tone: "done", figure: "", words: "No forms needed" };
  if (verified >= wanted) return { tone: "done", figure, words: "Forms ready" };
  if (verified > 0) return { tone: "part", figure, words: "forms" };
  return { tone: "open", figure, words: "forms" };
}

export function FormRing({ forms }: { forms: FormsProgress | null }) {
  const { tone, figure, words } = formWords(forms);
  const share = forms?.wanted ? Math.min(1, forms.verified / forms.wanted) : tone === "done" ? 1 : 0;
  const around = 2 * Math.PI * 6;
  return (
    <span className={classes.root} data-tone={tone}>
      <svg viewBox="0 0 16 16" className={classes.ring} aria-hidden focusable="false">
        <circle
          cx="8"
          cy="8"
          r="6"
          className={classes.track}
          strokeDasharray={tone === "none" ? "2 2.71" : undefined}
        />
        {share > 0 && (
          <circle
            cx="8"
            cy="8"
            r="6"
            className={classes.fill}
            strokeDasharray={`${share * around} ${around}`}
            transform="rotate(-90 8 8)"
          />
        )}
        {tone === "done" && <path d="M5.4 8.2l1.8 1.8 3.4-3.8" className={classes.tick} />}
        {tone === "person" && <circle cx="8" cy="8" r="2" className={classes.dot} />}
      </svg>
      <span>
        {figure !== "" && <span className={classes.figure}>{figure}</span>} {words}
      </span>
    </span>
  );
}
