/**
 * Names of angles, stages, units and other terms of the analysis, and what the page knows of single movements.
 * The only module that lists them; keys are those of analysis.json and the API.
 */

/** Titles of the angles, by the name of their series. */
const ANGLE_TITLES = {
  trunk_inclination_deg: "Trunk inclination",
  trunk_thigh_deg: "Trunk-thigh",
  knee_flexion_deg: "Knee flexion",
  shin_inclination_deg: "Shin",
  thigh_inclination_deg: "Thigh",
  ankle_dorsiflexion_deg: "Ankle",
  neck_flexion_deg: "Neck",
  head_tilt_deg: "Head tilt",
  shoulder_flexion_deg: "Shoulder",
  elbow_flexion_deg: "Elbow",
  back_rounding_deg: "Back rounding",
  body_line_deg: "Body line",
};

/** Titles of the stages of a test. */
export const STAGE_TITLES = {
  tall_sit: "Sitting tall",
  slump: "Slumped",
  chin_to_chest: "Chin to chest",
  knee_straight: "Knee straight",
  toes_up: "Toes up",
  neck_release: "Neck let go",
  toes_release: "Toes let go",
  knee_release: "Knee let go",
  return: "Back to tall",
};

/** Stages that are done with one leg; a correction has to name it. */
export const STAGES_OF_ONE_LEG = ["knee_straight", "toes_up", "toes_release", "knee_release"];

/** Movements whose stages the coach can correct, docs/marks.md. */
export const MOVEMENTS_WITH_CORRECTABLE_STAGES = new Set(["slump"]);

/** The leg of a stage, seen from the camera. */
export const LEG_TITLES = { near: "near leg", far: "far leg" };

/** The leg of a client's comfortable range. */
export const SIDE_TITLES = { left: "left leg", right: "right leg" };

/** What the turn of a rep is called, and its two directions; by movement. */
const TURNS = {
  hinge: { title: "bottom", out: "down", back: "up" },
  overhead: { title: "arms highest", out: "up", back: "down" },
  standing_extension: { title: "furthest back", out: "back", back: "up" },
  sit_to_stand: { title: "seat left", out: "down", back: "up" },
};

/** Movements that a session can practise: a first clip, two tries, and the first clip again. */
export const PRACTICE_MOVEMENTS = ["hinge", "squat"];

/** Movements of a first look at a client, in their order. A side view shows no rolls and twists (docs/sources.md 1.3). */
export const FIRST_LOOK_MOVEMENTS = ["hinge", "squat", "toe_touch", "overhead", "carry"];

/** Movements that are never done with a load. */
export const MOVEMENTS_WITHOUT_LOAD = new Set(["toe_touch"]);

/** Title and instructions of a movement as a step of a session. */
export const SESSION_MOVEMENTS = {
  hinge: { title: "Hip hinge", instructions: "Three to five reps: hips back, hands along the thighs." },
  squat: { title: "Squat", instructions: "Three to five reps, as deep as is comfortable." },
  toe_touch: { title: "Toe touch", instructions: "Three slow reaches down, as far as is comfortable." },
  overhead: { title: "Overhead reach", instructions: "Three slow reaches up with both arms." },
  carry: { title: "Carry", instructions: "A few steps past the camera with a weight in hand." },
};

/** What a grade of the camera view says about the angles. */
export const VIEW_GRADES = {
  good: "Good view: angles within about 5 degrees",
  fair: "Fair view: angles within about 8 degrees",
  rough: "Rough view: angles within about 12 degrees",
  refused: "Body not clear enough in this view: no angles",
};

/** Titles of the stages of an analysis that is under way. */
export const PROGRESS_STAGES = {
  "finding the person": "Finding the person",
  tracking: "Following the body",
  video: "Drawing the lines over the video",
  "writing the report": "Writing the report",
};

/** Change of the back against its baseline: from how many degrees it is called "some" and "much", as in the report. */
export const BACK_CHANGE_DEG = { some: 8, much: 20 };

/** How much the back changed. */
export const BACK_CHANGE_TITLES = { little: "little", some: "some", much: "much" };

/** Symptom reports: the places on the body, docs/marks.md. */
export const BODY_PLACES = { back: "back", buttock: "buttock", thigh: "thigh", below_knee: "below the knee" };

/** Symptom reports: the words to choose from for what it is like. */
export const SENSATIONS = {
  stretch: "a stretch",
  ache: "an ache",
  sharp: "sharp",
  pins_and_needles: "pins and needles",
  my_usual: "the usual",
};

/** Symptom reports: how it changed once the position was released. */
export const RELEASE_CHANGES = { less: "less", same: "the same", more: "more" };

/** Symptom reports: levels up to this one are comfortable unless the marks say otherwise, docs/marks.md. */
export const DEFAULT_COMFORT_THRESHOLD = 2;

/** What the last symptom reports of a movement mean for training it. */
export const TRAINING_LIGHTS = { go: "Go", modify: "A notch easier", stop: "Leave it for now", none: "Not asked yet" };

const UNIT_SUFFIXES = { deg: "°", pct: " %", s: " s", kg: " kg" };

/** Format a value with its unit, for example "62°", "0.8 s"; a "share" becomes percent. */
export function formatValue(value, unit) {
  if (unit === "share") return `${Math.round(100 * value)} %`;
  return `${Number(value).toFixed(unit === "s" ? 1 : 0)}${UNIT_SUFFIXES[unit] ?? ` ${unit}`}`;
}

/** Format a load: "20 kg", or "Bodyweight" for none. */
export const formatLoad = (load_kg) => (load_kg ? `${load_kg} kg` : "Bodyweight");

/** Format a count with its noun, for example "1 rep", "3 reps". */
export const formatCount = (n, singular, plural) => `${n} ${n === 1 ? singular : plural}`;

/** Turn a name of the code into words: "trap_bar" -> "Trap bar". */
export function toReadableName(name) {
  const words = String(name ?? "").replace(/_/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Get the title of an angle series. */
export const getAngleTitle = (name) => ANGLE_TITLES[name] ?? toReadableName(name);

/**
 * Get the title of a stage, with its leg.
 * @param {{name: string, side?: string|null}} stage
 */
export function getStageTitle({ name, side = null }) {
  const title = STAGE_TITLES[name] ?? toReadableName(name);
  return side ? `${title} (${LEG_TITLES[side] ?? side})` : title;
}

/** Get {title, out, back}: what the turn of a rep and the ways to and from it are called. */
export const getTurn = (movement) => TURNS[movement] ?? TURNS.hinge;
