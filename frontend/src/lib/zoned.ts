/**
 * Wall clocks of a time zone. Fields of forms hold what a clock on the wall shows ("2025-07-01T14:05"); the server is told
 * the instant. Where the clock is put forward, a time that does not exist is taken as the one after the leap.
 */

interface Wall {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
}

function wallOf(instant: number, zone: string): Wall {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(instant));
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return { year: of("year"), month: of("month"), day: of("day"), hour: of("hour"), minute: of("minute") };
}

const asUtc = ({ year, month, day, hour, minute }: Wall): number =>
  Date.UTC(year, month - 1, day, hour, minute);

const two = (n: number): string => String(n).padStart(2, "0");

/** What a clock in this zone shows at an instant: `2025-07-01T14:05`. */
export function wallTime(instant: number, zone: string): string {
  const { year, month, day, hour, minute } = wallOf(instant, zone);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** How far a zone's clock is ahead of UTC at an instant, in milliseconds. */
export const zoneOffset = (at: number, zone: string): number =>
  asUtc(wallOf(at, zone)) - Math.floor(at / 60_000) * 60_000;

/** The instant (ISO, UTC) at which a clock in this zone shows this; null when the text is no such time. */
export function instantOf(wall: string, zone: string): string | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(wall);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  const wanted = asUtc({ year, month, day, hour, minute });
  if (Number.isNaN(wanted)) return null;
  // The zone's offset is asked for at a first guess, and again at the instant found with it.
  const first = wanted - zoneOffset(wanted, zone);
  const second = wanted - zoneOffset(first, zone);
  const found = asUtc(wallOf(second, zone)) === wanted ? second : Math.max(first, second);
  return new Date(found).toISOString();
}
