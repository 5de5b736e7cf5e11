import type { ReactNode } from "react";
import classes from "./Frame.module.css";

/** The page around first run and sign-in: the name, and one thing to do. */
export function Frame({
  title,
  lead,
  children,
  wide = false,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  return (
    <div className={classes.root}>
      <title>{`${title} · FossaWork`}</title>
      <header className={classes.brand}>
        <img src="/icon.svg" alt="" width={28} height={28} />
        <span>FossaWork</span>
      </header>
      <main className={classes.main} data-wide={wide || undefined}>
        <h1 className={classes.title}>{title}</h1>
        {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        {children}
      </main>
    </div>
  );
}
