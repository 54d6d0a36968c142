/** Numbers, times and dates as a person reads them. */

import { words } from "./words.js";

export function sizeText(bytes) {
  const { b, kb, mb, gb } = words.sizes;
  if (bytes < 1000) return `${bytes} ${b}`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} ${kb}`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} ${mb}`;
  return `${(bytes / 1e9).toFixed(1)} ${gb}`;
}

/** A length of time, roughly: "40 s", "3 min". */
export function spanText(seconds) {
  if (seconds < 60) return words.time.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 5400) return words.time.minutes(Math.round(seconds / 60));
  return words.time.hours(Math.round(seconds / 3600));
}

export const secondsText = (seconds, places = 1) => (Number.isFinite(seconds) ? seconds.toFixed(places) : "–");

/** "Today", "Yesterday", else the date. */
export function dayText(when) {
  const date = new Date(when);
  const days = Math.round((startOfDay(new Date()) - startOfDay(date)) / 86400000);
  if (days === 0) return words.common.today;
  if (days === 1) return words.common.yesterday;
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", year });
}

export const timeText = (when) => new Date(when).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
export const dateText = (when) =>
  new Date(when).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });

/** Two dates as one: "1–15 Mar 2026". */
export const datesText = (from, to) =>
  new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" }).formatRange(
    new Date(from),
    new Date(to),
  );

export const sameDay = (a, b) => startOfDay(new Date(a)) === startOfDay(new Date(b));

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** A name in code as words: "trap_bar" -> "Trap bar". */
export function plainName(name) {
  const text = String(name ?? "").replace(/_/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
