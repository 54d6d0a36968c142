/** Formatting of file sizes, waiting times and dates. Measured values: core/vocabulary.js. */

import { messages } from "./messages.js";

/** Format a file size: "840 kB", "2.4 MB". */
export function formatBytes(bytes) {
  const { b, kb, mb, gb } = messages.sizes;
  if (bytes < 1000) return `${bytes} ${b}`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} ${kb}`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} ${mb}`;
  return `${(bytes / 1e9).toFixed(1)} ${gb}`;
}

/** Format a duration roughly: "40 s", "3 min". */
export function formatDuration(seconds) {
  if (seconds < 60) return messages.time.seconds(Math.max(1, Math.round(seconds)));
  if (seconds < 5400) return messages.time.minutes(Math.round(seconds / 60));
  return messages.time.hours(Math.round(seconds / 3600));
}

/** Format a day: "Today", "Yesterday", else the date. */
export function formatDay(when) {
  const date = new Date(when);
  const days = Math.round((startOfDay(new Date()) - startOfDay(date)) / 86400000);
  if (days === 0) return messages.common.today;
  if (days === 1) return messages.common.yesterday;
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(undefined, { weekday: "short", day: "numeric", month: "short", year });
}

/** Format a time of day: "14:05". */
export const formatTime = (when) =>
  new Date(when).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });

const DATE_STYLE = /** @type {const} */ ({ day: "numeric", month: "short", year: "numeric" });

/** Format a date: "15 Mar 2026". */
export const formatDate = (when) => new Date(when).toLocaleDateString(undefined, DATE_STYLE);

/** Format a day in few letters: "12 Nov" on one line, with the year if it is another, and the time if it is today. */
export function formatShortDate(when) {
  const date = new Date(when);
  if (isSameDay(date, new Date())) return formatTime(date);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(undefined, { day: "numeric", month: "short", year }).replaceAll(" ", "\u00a0");
}

/** Format two dates as a range: "1–15 Mar 2026". */
export const formatDateRange = (from, to) =>
  new Intl.DateTimeFormat(undefined, DATE_STYLE).formatRange(new Date(from), new Date(to));

/** Tell whether two times are on the same day. */
export const isSameDay = (a, b) => startOfDay(new Date(a)) === startOfDay(new Date(b));

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
