import { type RefObject, useEffect } from "react";

/**
 * A button that goes away with what it did hands the keyboard focus to something that stays beside it; otherwise the focus
 * would fall to the top of the page. Whoever has gone elsewhere meanwhile is left there.
 */
export function useFocusAfter(gone: boolean, next: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    if (gone && document.activeElement === document.body) next.current?.focus();
  }, [gone, next]);
}
