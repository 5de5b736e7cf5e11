/** Measured figures as words. What is not known has no figure: null in, null out is decided by the caller. */

function trimmed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A ratio in per cent, never rounded up to a promise that was missed: `99.99 %` of 0.99999, `100 %` only of 1. */
export function percent(ratio: number, digits = 2): string {
  const scale = 10 ** digits;
  // A hair is added so that what is 0.57 in binary is not shown as 56.99.
  const cut = Math.floor(ratio * 100 * scale + 1e-6) / scale;
  return `${trimmed(cut, digits)} %`;
}

/** `8 ms`, `312 ms`, `1.94 s`, `12.3 s`, `4 min 10 s` */
export function seconds(value: number): string {
  if (value < 0.9995) return `${value < 0.0095 ? trimmed(value * 1000, 1) : Math.round(value * 1000)} ms`;
  if (value < 10) return `${value.toFixed(2)} s`;
  if (value < 60) return `${value.toFixed(1)} s`;
  return lasting(value);
}

/** How long something lasts, coarser the longer: `20 s`, `3 min 05 s`, `40 min`, `2 h 5 min`, `12 days`. */
export function lasting(value: number): string {
  const whole = Math.max(0, Math.round(value));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 10)
    return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} days`;
}

/** How many times as fast as the budget allows: `0.4×`, `14×`. */
export const times = (rate: number): string => `${rate >= 9.95 ? Math.round(rate) : trimmed(rate, 1)}×`;

/** `812 B`, `4.2 kB`, `380 MB`; powers of 1000. */
export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let left = value;
  while (left >= 999.5 && at < units.length - 1) {
    left /= 1000;
    at += 1;
  }
  return `${left < 9.95 && at > 0 ? trimmed(left, 1) : Math.round(left)} ${units[at]}`;
}

/** A count that may be a fraction of an event (frames are merged): `1,204`, `0.4`. */
export const amount = (value: number): string =>
  value !== 0 && Math.abs(value) < 9.95 ? trimmed(value, 1) : Math.round(value).toLocaleString("en");

/** A figure of a chart or an alert in its unit. */
export function inUnit(value: number, unit: string): string {
  switch (unit) {
    case "s":
      return seconds(value);
    case "share":
      return percent(value, 1);
    case "bytes":
      return bytes(value);
    case "":
      return amount(value);
    default:
      return `${amount(value)} ${unit}`;
  }
}

/** A figure at an axis that goes up to `most`: short, and all of an axis in the same unit. */
export function axisTick(value: number, unit: string, most: number): string {
  switch (unit) {
    case "s":
      if (most < 1) return `${trimmed(value * 1000, 1)} ms`;
      return most < 600 ? `${trimmed(value, 2)} s` : `${trimmed(value / 60, 1)} min`;
    case "share":
      return `${trimmed(value * 100, 1)} %`;
    case "bytes":
      return value === 0 ? "0" : bytes(value);
    case "per minute":
      return `${trimmed(value, 2)}/min`;
    default:
      return trimmed(value, 2);
  }
}

/** A limit in its unit, without digits that say nothing: `2 s`, `500 ms`, `5 min`, `85 %`. */
export const limitWords = (value: number, unit: string): string =>
  unit === "s" && value >= 60
    ? lasting(value)
    : unit === "s"
      ? axisTick(value, unit, value)
      : inUnit(value, unit);
