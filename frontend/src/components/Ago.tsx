import { useEffect, useState } from "react";
import { serverNow } from "@/lib/clock";
import { ago, instantText } from "@/lib/time";

/** The present by the server's clock, renewed every `seconds`. */
export function useNow(seconds = 30): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}

/** How old an instant is; the exact time on hover and for machines. */
export function Ago({ instant, zone }: { instant: string; zone: string }) {
  const now = useNow();
  return (
    <time dateTime={instant} title={instantText(instant, zone, true)}>
      {ago(instant, now)}
    </time>
  );
}
