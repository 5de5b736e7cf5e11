"use strict";
/* A script that never ends: the tab answers nobody any more. */
while (Portal.data.faults.stuck);
/* A connection that stays open, as a page does that waits for notifications. */
if (Portal.data.options.open_connection) fetch("/xhr/notifications", { credentials: "same-origin" }).catch(() => {});
Portal.dropdowns();
Portal.pages[Portal.data.page]();
