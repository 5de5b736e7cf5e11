/** Reports pages that take long to come up. */
import type { AnyRouter } from "@tanstack/react-router";
import { report } from "@/lib/logging";

const SLOW_MS = 2_000;
const SLOW_LOAD_MS = 4_000;

/** Watches a router's navigations; the first one is the load of the page. */
export function watchPages(router: AnyRouter): () => void {
  let startedAt: number | null = 0; // the browser counts from the load
  let loading = true;
  const stops = [
    router.subscribe("onBeforeNavigate", () => {
      if (!loading) startedAt = performance.now();
    }),
    router.subscribe("onResolved", () => {
      if (startedAt === null) return;
      const took = Math.round(performance.now() - startedAt);
      const slow = took > (loading ? SLOW_LOAD_MS : SLOW_MS);
      const event = loading ? "ui.slow_load" : "ui.slow_navigation";
      startedAt = null;
      loading = false;
      if (!slow) return;
      const route = router.state.matches.at(-1)?.fullPath ?? "/";
      report("warning", event, `The page took ${took} ms`, { route, duration_ms: took });
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
