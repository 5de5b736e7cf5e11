import type { ReactNode } from "react";

interface Props {
  label: string;
  className?: string | undefined;
  children: ReactNode;
}

/** A part that may be wider than the screen: it can be focused, so that the keyboard can scroll it too. */
export function ScrollRegion({ label, className, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1 wants scrolling by keyboard
    <section className={className} tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
