import { useDebouncedCallback } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";

interface Options {
  /** What is in force: what the page's address says. */
  value: string;
  /** What can be asked for with what was typed; undefined when nothing can. */
  read: (typed: string) => string | undefined;
  onAsk: (found: string) => void;
  /** Milliseconds without a key, after which one has stopped typing. */
  wait: number;
}

/**
 * What is typed into a field, until it is asked for. The address holds it as it is asked for, trimmed and a moment later, so
 * the field takes over from there only what it has not asked for itself. What cannot be asked for stays in the field.
 */
export function useDraft({ value, read, onAsk, wait }: Options) {
  const [text, setText] = useState(value);
  const [refused, setRefused] = useState(false);
  const asked = useRef(value);
  const ask = (typed: string) => {
    const found = typed.trim() === "" ? "" : read(typed);
    setRefused(found === undefined);
    if (found === undefined || found === asked.current) return;
    asked.current = found;
    onAsk(found);
  };
  const askLater = useDebouncedCallback(ask, wait);
  useEffect(() => {
    if (value === asked.current) return;
    askLater.cancel();
    asked.current = value;
    setText(value);
    setRefused(false);
  }, [value, askLater]);
  return {
    text,
    refused,
    type: (typed: string) => {
      setText(typed);
      askLater(typed);
    },
    /** Shows what was typed without asking for it yet. */
    hold: (typed: string) => {
      askLater.cancel();
      setText(typed);
    },
    /** Asks at once: one has left the field, or pressed Enter. */
    settle: () => {
      askLater.cancel();
      ask(text);
    },
    refuse: () => setRefused(true),
  };
}
