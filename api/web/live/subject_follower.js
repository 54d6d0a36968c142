/** Which of the people in the picture is filmed: the one that was tapped, else the largest; followed over time. */

import { estimateStature, getBox, getDistance, getMiddle } from "./landmarks.js";
import { isSamePerson } from "./picture_checks.js";

const MAX_STEP = 0.5; // statures that a person moves at most between two samples; chosen
const MIN_OTHER_SHARE = 0.5; // of the subject's stature: smaller people stand in the background; chosen
const FORGET_S = 3; // a tapped person who is gone for this long is no longer the subject; chosen

/** @typedef {import("./landmarks.js").LivePerson} LivePerson */

export class SubjectFollower {
  constructor() {
    /** @type {{x: number, y: number} | null} */
    this.tap = null;
    this.isTapped = false;
    /** @type {{hip: {x: number, y: number}, stature: number, time_s: number} | null} */
    this.last = null;
  }

  /** Choose the person at a point of the picture, pixels. */
  select(x_px, y_px) {
    this.tap = { x: x_px, y: y_px };
  }

  /**
   * Find the subject among the people of a sample.
   * @param {LivePerson[]} people
   * @param {number} time_s
   * @returns {{index: number | null, isNew: boolean, others: number}} `others`: about as large, and none was tapped
   */
  update(people, time_s) {
    if (this.last && time_s - this.last.time_s > FORGET_S) {
      this.last = null;
      this.isTapped = false;
    }
    const { index, isNew } = this.find(people);
    if (index === null) return { index, isNew, others: 0 };
    const subject = people[index];
    const stature = estimateStature(subject);
    this.last = { hip: getMiddle(subject, "hip"), stature, time_s };
    const others = people.filter((other) => other !== subject && isAnother(subject, other, stature));
    return { index, isNew, others: this.isTapped ? 0 : others.length };
  }

  /**
   * @param {LivePerson[]} people
   * @returns {{index: number | null, isNew: boolean}}
   */
  find(people) {
    if (!people.length) return { index: null, isNew: false };
    if (this.tap) {
      const tap = this.tap;
      const index = findLeast(people, (person) => getDistanceToBox(getBox(person), tap));
      this.tap = null;
      this.isTapped = true;
      return { index, isNew: true };
    }
    if (this.last) {
      const { hip, stature } = this.last;
      const index = findLeast(people, (person) => getDistance(getMiddle(person, "hip"), hip));
      if (getDistance(getMiddle(people[index], "hip"), hip) <= MAX_STEP * stature) return { index, isNew: false };
      if (this.isTapped) return { index: null, isNew: false };
    }
    return { index: findLeast(people, (person) => -estimateStature(person)), isNew: true };
  }
}

/** Tell whether a detection is another person of about the subject's size. */
function isAnother(subject, other, stature) {
  return estimateStature(other) > MIN_OTHER_SHARE * stature && !isSamePerson(subject, other);
}

/** Get the index of the least value. */
function findLeast(people, value) {
  const values = people.map(value);
  return values.indexOf(Math.min(...values));
}

/** Get the distance of a point to the middle of a box; points inside are nearer than any outside. */
function getDistanceToBox({ left, right, top, bottom }, { x, y }) {
  const isInside = x >= left && x <= right && y >= top && y <= bottom;
  const distance = Math.hypot(x - (left + right) / 2, y - (top + bottom) / 2);
  return isInside ? distance : distance + 1e6;
}
