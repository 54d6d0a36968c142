/** The words for what a client can train; part of `words`. */

const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

export const training = {
  title: "What you can train",
  first: "Before training",
  record: "On record so far",
  reported: "Last reported",
  lights: { go: "Go", modify: "A notch easier", stop: "Leave it for now", none: "Not asked yet" },
  reps: (n) => count(n, "rep", "reps"),
  held: (s) => `${s} s held`,
  asked: (date) => `felt ${date}`,
  load: "Load",
  range: (angle) => `Comfortable: ${angle}`,
  fromTall: "from tall",
  more: (n) => count(n, "more angle", "more angles"),
  legs: { left: "left leg", right: "right leg" },
  watch: "Clip",
};
