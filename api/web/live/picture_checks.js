/** What is wrong with the picture of a person in one sample: cut off, too far, tilted. */

import { estimateStature, getBox, getDistance, getMiddle, getPoint, getVisibility, LEFT, RIGHT } from "./landmarks.js";

const HEAD_SHARE = 0.55; // from ear to vertex, of the way from shoulder to ear: Drillis & Contini 1966
const HAND_SHARE = 0.7; // hand of the forearm: Drillis & Contini 1966
const HEAD_MARGIN = 0.02; // the vertex may lie this far outside, statures: it is only estimated; chosen
const EDGE_SHARE = 0.03; // hidden points this near to the edge are taken as outside, of the picture; chosen
const MIN_VISIBILITY = 0.5; // as in the cleaning of tracks
const MIN_FOOT_POINTS = 2; // of the two heels and two toes outside: feet are cut off; chosen
const STRAIGHT_FOLD_DEG = 15; // trunk and thighs in line within this, and ...; chosen
const STRAIGHT_KNEE_DEG = 20; // ... knees straight within this: a body that shows where down is; chosen
const MAX_LEAN_DEG = 30; // a straight body that leans further is no standing one; chosen
const FORWARD_LEAN_DEG = 2.2; // of ankles to trunk in standing; median of 40 clips, all within -2 to 6

/** @typedef {import("./landmarks.js").LivePerson} LivePerson */
/** @typedef {{width_px: number, height_px: number}} PictureSize */
/** @typedef {"feet" | "head" | "hands"} BodyPart */

/**
 * Find the parts of the body that are outside the picture.
 * @param {LivePerson} person
 * @param {PictureSize} size
 * @returns {BodyPart[]}
 */
export function findCutParts(person, size) {
  /** @type {BodyPart[]} */
  const parts = [];
  const feet = [LEFT.heel, LEFT.toe, RIGHT.heel, RIGHT.toe];
  if (feet.filter((index) => isOutside(person, index, size)).length >= MIN_FOOT_POINTS) parts.push("feet");
  if (isHeadOutside(person, size)) parts.push("head");
  if ([LEFT, RIGHT].some((side) => isHandOutside(person, side, size))) parts.push("hands");
  return parts;
}

/**
 * Tell whether the person only needs to move sideways: outside at one side, with room at the other.
 * @param {LivePerson} person
 * @param {PictureSize} size
 */
export function hasRoomBeside(person, { width_px, height_px }) {
  const { left, right, top, bottom } = getBox(person);
  const fits = right - left < 0.8 * width_px && bottom < height_px && top > 0;
  return fits && (left < 0 || right > width_px);
}

/**
 * Get the stature as a share of the picture's longer side: how near the person is, whichever way the phone is held.
 * @param {LivePerson} person
 * @param {PictureSize} size
 * @param {number} yaw_deg
 */
export function getStatureShare(person, { width_px, height_px }, yaw_deg) {
  const cosine = Math.max(Math.cos((yaw_deg * Math.PI) / 180), 0.5);
  return estimateStature(person, cosine) / Math.max(width_px, height_px);
}

/**
 * Estimate the camera's roll from a person who stands straight: they stand over their feet.
 * @param {LivePerson} person
 * @param {import("./live_angles.js").LiveAngles} angles
 * @param {import("./live_angles.js").CameraView} view
 * @returns {number | null} degrees, + the picture is turned clockwise; null unless the body is straight
 */
export function estimateRoll(person, angles, view) {
  if (Math.abs(angles.fold_deg) > STRAIGHT_FOLD_DEG || angles.knee_deg > STRAIGHT_KNEE_DEG) return null;
  const [hip, shoulder, ankle] = [getMiddle(person, "hip"), getMiddle(person, "shoulder"), getMiddle(person, "ankle")];
  const trunk = { x: (hip.x + shoulder.x) / 2, y: (hip.y + shoulder.y) / 2 };
  const lean_deg = (Math.atan2(trunk.x - ankle.x, ankle.y - trunk.y) * 180) / Math.PI;
  if (Math.abs(lean_deg) > MAX_LEAN_DEG) return null;
  return lean_deg - view.facing * Math.cos((view.yaw_deg * Math.PI) / 180) * FORWARD_LEAN_DEG;
}

/**
 * Tell whether two detections are the same person.
 * @param {LivePerson} one
 * @param {LivePerson} other
 */
export function isSamePerson(one, other) {
  const near = 0.15 * Math.max(estimateStature(one), estimateStature(other)); // chosen
  return (
    getDistance(getMiddle(one, "hip"), getMiddle(other, "hip")) < near &&
    getDistance(getMiddle(one, "shoulder"), getMiddle(other, "shoulder")) < near
  );
}

/** Tell whether a landmark lies outside the picture, or is hidden at its edge. */
function isOutside(person, index, size) {
  const point = getPoint(person, index);
  if (isBeyond(point, size, 0)) return true;
  return getVisibility(person, index) < MIN_VISIBILITY && isBeyond(point, size, -EDGE_SHARE * size.height_px);
}

/** Tell whether the top of the head lies outside the picture. */
function isHeadOutside(person, size) {
  const [ear, shoulder] = [getMiddle(person, "ear"), getMiddle(person, "shoulder")];
  const top = { x: ear.x + HEAD_SHARE * (ear.x - shoulder.x), y: ear.y + HEAD_SHARE * (ear.y - shoulder.y) };
  return isBeyond(top, size, HEAD_MARGIN * estimateStature(person));
}

/** Tell whether the fingertips of one side lie outside the picture, as far as that arm is known. */
function isHandOutside(person, side, size) {
  const [elbow, wrist] = [getPoint(person, side.elbow), getPoint(person, side.wrist)];
  if (getVisibility(person, side.elbow) < MIN_VISIBILITY) return false;
  const tip = { x: wrist.x + HAND_SHARE * (wrist.x - elbow.x), y: wrist.y + HAND_SHARE * (wrist.y - elbow.y) };
  return isBeyond(tip, size, HEAD_MARGIN * estimateStature(person));
}

/** Tell whether a point lies outside the picture by more than a margin, pixels. */
function isBeyond({ x, y }, { width_px, height_px }, margin_px) {
  return x < -margin_px || y < -margin_px || x > width_px + margin_px || y > height_px + margin_px;
}
