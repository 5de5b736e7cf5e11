import { Notices } from "@/components/Notices";

/** Too many tries: how long to wait, counted down; then that it may be tried again. */
export function WaitNotice({ seconds }: { seconds: number }) {
  return (
    <div role="status">
      <Notices
        notices={[
          {
            code: "wait",
            message: "Too many tries in a short time.",
            action: seconds > 0 ? `Wait ${seconds} s, then try again.` : "You can try again now.",
          },
        ]}
      />
    </div>
  );
}
