/** Where one can go: the entries of the rail and of the search palette. */
import {
  IconActivityHeartbeat,
  IconAlertTriangle,
  IconBellRinging,
  IconBook2,
  IconCalendarWeek,
  IconChartLine,
  IconClipboardList,
  IconListSearch,
  IconPhoneCall,
  IconRefresh,
  IconSettings,
  IconStethoscope,
} from "@tabler/icons-react";

export const WORK_PLACES = [
  { to: "/week", label: "Week", Icon: IconCalendarWeek },
  { to: "/forms", label: "Forms", Icon: IconClipboardList },
  { to: "/sync", label: "Sync", Icon: IconRefresh },
] as const;

export const OPERATIONS = { to: "/operations", label: "Operations", Icon: IconActivityHeartbeat } as const;

/** Below Operations, for operators. */
export const OPERATIONS_PLACES = [
  { to: "/operations", label: "Overview", Icon: IconStethoscope },
  { to: "/operations/alerts", label: "Alerts", Icon: IconBellRinging },
  { to: "/operations/incidents", label: "Incidents", Icon: IconAlertTriangle },
  { to: "/operations/performance", label: "Performance", Icon: IconChartLine },
  { to: "/operations/logs", label: "Logs", Icon: IconListSearch },
  { to: "/operations/on-call", label: "On-call", Icon: IconPhoneCall },
  { to: "/operations/runbooks", label: "Runbooks", Icon: IconBook2 },
] as const;

export const SETTINGS = { to: "/settings", label: "Settings", Icon: IconSettings } as const;
