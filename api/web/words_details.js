/** Words of what can be corrected after a clip was sent: its movement, and the details. */

export const details = {
  movement: {
    what: "What is this?",
    hint: "Change the movement",
    title: "Which movement is it?",
    likely: "It may be",
    others: "Other movements",
    other: "Another movement…",
    choose: "Choose the movement",
    guess: "Let it guess again",
    confidence: (share) => `${Math.round(100 * share)} %`,
    measuring: (name) => `Measuring again: ${name}…`,
    guessing: "Guessing again…",
    now: (name) => `Measured again: ${name}.`,
    refused: "This change is not in the result.",
  },
  sheet: {
    title: "Details",
    add: "Add client, load or note",
    height: "Height in cm",
    heightHint: "Gives a scale where no full-size plate is in view.",
    badHeight: "The height is a number in centimetres from 50 to 272, for example 172.",
    measuring: "Measuring again with these details…",
    saved: "Saved.",
  },
};
