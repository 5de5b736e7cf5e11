import { createContext, type ReactNode, use } from "react";
import { createPortal } from "react-dom";
import classes from "./PageHead.module.css";

/** The place in the top line where a page writes its title; the shell provides it. */
export const HeadSlot = createContext<HTMLElement | null>(null);

interface Props {
  title: string;
  /** What the page covers, e.g. `9 visits · 64 dispensers`. */
  coverage?: ReactNode;
  back?: ReactNode;
}

export function PageHead({ title, coverage, back }: Props) {
  const slot = use(HeadSlot);
  return (
    <>
      <title>{`${title} · FossaWork`}</title>
      {slot !== null &&
        createPortal(
          <div className={classes.head}>
            {back}
            <h1 className={classes.title}>{title}</h1>
            {coverage !== undefined && <p className={classes.coverage}>{coverage}</p>}
          </div>,
          slot,
        )}
    </>
  );
}
