/**
 * Words and units of results, as GET /v1/vocabulary serves them, and the one formatter of numbers, which follows its
 * rules. `loadVocabulary` comes before everything else here.
 */

import { messages } from "../text/messages.js";
import { toReadableName } from "../text/words.js";
import { get } from "./api_client.js";

/**
 * @typedef {object} UnitFormat how a number of one unit is written
 * @property {string} symbol
 * @property {number} decimals
 * @property {boolean} has_space whether a no-break space stands before the symbol
 * @property {boolean} keeps_zeros whether trailing zeros of the decimals are written
 * @property {number} factor the number is multiplied by it first
 *
 * @typedef {{label: string, unit: string|null}} MeasureLabel
 *
 * @typedef {object} Vocabulary
 * @property {Record<string, {title: string, unit: string}>} angles by series
 * @property {Record<string, MeasureLabel>} measures
 * @property {Record<string, UnitFormat>} units
 * @property {Record<string, {title: string, sentence: string}>} grades by `view.grade`
 * @property {Record<string, string>} sides
 * @property {Record<string, string>} rounding_levels
 * @property {{some: number, much: number}} rounding_limits_deg
 * @property {Record<string, string>} rounding_colours
 * @property {{sites: Record<string, string>, sensations: Record<string, string>, releases: Record<string, string>}} symptoms
 * @property {Record<string, string>} lights by the light of a training option; "none" without a report
 * @property {Record<string, string>} progress_stages by the stage of an analysis
 * @property {string} minus_sign
 * @property {string} no_value
 */

/** @type {UnitFormat} */
const NO_UNIT = { symbol: "", decimals: 2, has_space: false, keeps_zeros: false, factor: 1 }; // as in the service
const NO_BREAK_SPACE = "\u00a0";
const MAX_VALUES = 12; // of a list in one line; as in the report

/** @type {Vocabulary|null} */
let vocabulary = null;
/** @type {Promise<Vocabulary>|null} */
let request = null;

/** Load the vocabulary; after the first call from memory. Throws ApiError. */
export async function loadVocabulary() {
  request ??= get("vocabulary");
  try {
    vocabulary = await request;
  } catch (error) {
    request = null;
    throw error;
  }
}

/** Get the vocabulary. Throws if it is not loaded. */
export function getVocabulary() {
  if (!vocabulary) throw new Error("the vocabulary is not loaded");
  return vocabulary;
}

/**
 * Format a number with its unit, for example "62°", "0.8 s"; an unknown one as a dash.
 * @param {number|null|undefined} value
 * @param {string|null} unit key of the vocabulary's `units`; null for a bare number
 * @param {{decimals?: number}} [options] decimals in place of those of the unit
 */
export function formatNumber(value, unit, options = {}) {
  const { units, minus_sign, no_value } = getVocabulary();
  if (typeof value !== "number" || !Number.isFinite(value)) return no_value;
  const format = units[unit ?? ""] ?? { ...NO_UNIT, ...(unit ? { symbol: unit, has_space: true } : {}) };
  const scaled = format.factor * value;
  const size = Math.abs(scaled);
  const isSmallShare = format.symbol === "%" && size > 0.001 && size < 1;
  const decimals = isSmallShare ? -Math.floor(Math.log10(size)) : (options.decimals ?? format.decimals);
  let text = roundToText(scaled, decimals);
  if ((isSmallShare || !format.keeps_zeros) && text.includes(".")) text = text.replace(/\.?0+$/, "");
  if (Number(text) === 0) text = text.replace("-", "");
  const suffix = format.has_space ? ` ${format.symbol}` : format.symbol;
  return text.replace("-", minus_sign) + suffix.replace(" ", NO_BREAK_SPACE);
}

/** Put no-break spaces between numbers and their units in a sentence, so that a line never ends between them. */
export function keepUnitsTogether(text) {
  const spaced = Object.values(getVocabulary().units).filter((unit) => unit.has_space);
  const symbols = spaced.map(({ symbol }) => symbol);
  return text.replace(/(\d) (\S+)/g, (whole, digit, word) =>
    symbols.includes(word.replace(/[.,;:)]+$/, "")) ? digit + NO_BREAK_SPACE + word : whole,
  );
}

/**
 * Format a change with its sign: "+6°", "−0.2 s"; what rounds to zero has none. A clear change has the decimals of its
 * threshold where it would else read below it, as in the report.
 * @param {number} value
 * @param {string|null} unit
 * @param {number|null} [threshold] of a clear change
 */
export function formatSigned(value, unit, threshold = null) {
  const format = getVocabulary().units[unit ?? ""] ?? NO_UNIT;
  const written = Number(roundToText(format.factor * Math.abs(value), format.decimals));
  const decimals = threshold === null ? format.decimals : getThresholdDecimals(threshold, unit);
  const isBelow = threshold !== null && written < Number(roundToText(format.factor * threshold, decimals));
  const text = formatNumber(value, unit, isBelow ? { decimals } : {});
  return value > 0 && Number.parseFloat(text) !== 0 ? `+${text}` : text;
}

/** Format the smallest change that counts: hundredths of a second below a second. */
export const formatThreshold = (value, unit) =>
  formatNumber(value, unit, { decimals: getThresholdDecimals(value, unit) });

const getThresholdDecimals = (value, unit) =>
  unit === "s" && value < 1 ? 2 : (getVocabulary().units[unit ?? ""] ?? NO_UNIT).decimals;

/**
 * Format the ends of an 80 % interval without their unit: "29 to 45"; "" if it is unknown. With a word for the direction
 * of the value they are the ends of its size, the smaller first.
 * @param {[number, number]|null|undefined} interval
 * @param {string} unit
 * @param {string|null} [direction]
 */
export function formatInterval(interval, unit, direction) {
  if (!interval) return "";
  const decimals = getVocabulary().units[unit]?.decimals ?? 0;
  const ends = direction ? interval.map(Math.abs).sort((a, b) => a - b) : interval;
  const [low, high] = ends.map((end) => formatNumber(end, null, { decimals }));
  return messages.result.between(low, high);
}

/**
 * Format a value with its direction and 80 % interval, where they are known: "37° rounded (29 to 45)".
 * @param {number} value
 * @param {string} unit
 * @param {[number, number]|null|undefined} interval
 * @param {string|null} [direction] in place of the sign
 */
export function formatWithInterval(value, unit, interval, direction) {
  const text = direction ? `${formatNumber(Math.abs(value), unit)} ${direction}` : formatNumber(value, unit);
  return interval ? `${text} (${formatInterval(interval, unit, direction)})` : text;
}

/** Round to a fixed number of decimals; a tie goes to the even digit, as in the report. */
function roundToText(value, decimals) {
  const text = value.toFixed(decimals);
  const isTie = /^50*$/.test(value.toFixed(decimals + 20).slice(-20));
  // `toFixed` rounds ties away from zero; cut off, the digit before is the even one.
  if (!isTie || Number(text.at(-1)) % 2 === 0) return text;
  return value.toFixed(decimals + 1).slice(0, decimals ? -1 : -2);
}

/** Format seconds: "1.2 s". */
export const formatSeconds = (seconds, decimals = 1) => formatNumber(seconds, "s", { decimals });

/** Format a load: "20 kg", or "Bodyweight" for none. */
export const formatLoad = (load_kg) => (load_kg ? formatNumber(load_kg, "kg") : messages.common.bodyweight);

/** Get the title of an angle series. */
export const getAngleTitle = (name) => getVocabulary().angles[name]?.title ?? toReadableName(name);

/** Get the words for a side: "near leg". */
export const getSideTitle = (side) => getVocabulary().sides[side] ?? side;

/**
 * Get the words and unit of a measure: those of its movement, else those that movements share; null for one without.
 * @param {string} key
 * @param {Record<string, MeasureLabel>} [own] labels of the movement
 * @returns {MeasureLabel|null}
 */
export function getMeasureLabel(key, own = {}) {
  const { measures, units } = getVocabulary();
  const label = own[key] ?? measures[key];
  if (!label) return null;
  const endings = Object.keys(units).filter((unit) => unit !== "share" && key.endsWith(`_${unit}`));
  const [ending] = endings.sort((a, b) => b.length - a.length);
  return { ...label, unit: label.unit ?? ending ?? null };
}

/** Format the value of a measure; null if it is unknown or too long for a line. */
export function formatMeasure(value, unit) {
  if (typeof value === "boolean") return (value ? messages.common.yes : messages.common.no).toLowerCase();
  if (typeof value === "number") return formatNumber(value, unit);
  if (typeof value === "string" && value) return getVocabulary().angles[value]?.title ?? value.replace(/_/g, " ");
  if (!Array.isArray(value) || !value.length || value.length > MAX_VALUES) return null;
  const texts = value.map((part) => (Array.isArray(part) ? null : formatMeasure(part, unit)));
  return texts.includes(null) ? null : texts.join(", ");
}
