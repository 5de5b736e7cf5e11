/** What the address of a page may say besides its path. */
import { WINDOWS } from "@/api/operations";
import { anyText, oneOf, ownPath, searchOf } from "@/lib/search";
import { isDateText } from "@/lib/time";

export const addresses = {
  welcome: searchOf({ door: oneOf("connect") }),
  signIn: searchOf({ next: ownPath }),
  week: searchOf({ start: (value) => (isDateText(value) ? value : undefined) }),
  batches: searchOf({ new: oneOf("today", "week", "next", "choose") }),
  forms: searchOf({ run: anyText, batch: anyText }),
  overview: searchOf({ slo: anyText }),
  alerts: searchOf({ view: oneOf("history", "quiet", "rules"), alert: anyText }),
  incidents: searchOf({ only: oneOf("open"), new: oneOf(true) }),
  performance: searchOf({ window: oneOf(...WINDOWS) }),
  onCall: searchOf({ view: oneOf("contacts", "channels") }),
};
