/** Small tools for English words. */

/** Format a count with its noun, for example "1 rep", "3 reps". */
export const formatCount = (n, singular, plural) => `${n} ${n === 1 ? singular : plural}`;

/** Capitalize the first letter of a text. */
export const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Turn a name of the code into words: "trap_bar" -> "Trap bar". */
export const toReadableName = (name) => capitalize(String(name ?? "").replace(/_/g, " "));

/** Shorten a label to what comes before its first comma or bracket: "Back, change from tall" to "Back". */
export const shortenLabel = (label) => label.split(/[,(]/)[0].trim() || label;
