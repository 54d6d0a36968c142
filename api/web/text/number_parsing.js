/** Parsing of numbers that people type, with a decimal point or comma. */

import { ApiError } from "../core/api_client.js";
import { messages } from "./messages.js";

/** Parse a load in kg; null if nothing was typed. Throws ApiError. */
export const parseLoadKg = (text) => parseNumber(text, 0, 1000, messages.newClip.badLoad);

/** Parse a height in cm; null if nothing was typed. Throws ApiError. */
export const parseHeightCm = (text) => parseNumber(text, 50, 272, messages.clipDetails.badHeight);

/**
 * @param {string} text
 * @param {number} min
 * @param {number} max
 * @param {string} message if it is no number from `min` to `max`
 */
function parseNumber(text, min, max, message) {
  if (!text.trim()) return null;
  const value = Number(text.trim().replace(",", "."));
  if (!(value >= min && value <= max)) throw new ApiError(null, message);
  return value;
}
