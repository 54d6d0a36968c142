/** Two clips in step: the second is held to the moment of its movement that the first is in. */

const DRIFT_S = 0.12; // further apart than this is seen; chosen
const SLOWEST = 0.25;
const FASTEST = 4;

/** Moments of a result that another clip has too: start, turn and end of each rep; else start and end of holds and stages. */
export function anchorsOf({ reps = [], holds = [], stages = [] }) {
  if (reps.length) return reps.map((rep) => [rep.start_s, rep.bottom_s, rep.end_s]);
  if (holds.length) return holds.map((hold) => [hold.start_s, hold.end_s]);
  return stages.map((stage) => [stage.start_s, stage.end_s]);
}

/** Pairs of times, rising in both: the n-th event of one belongs to the n-th of the other. */
export function pairsOf(one, other) {
  const pairs = [];
  for (let n = 0; n < Math.min(one.length, other.length); n++) {
    for (let i = 0; i < Math.min(one[n].length, other[n].length); i++) {
      const pair = [one[n][i], other[n][i]];
      const last = pairs.at(-1);
      if (pair.every(Number.isFinite) && (!last || (pair[0] > last[0] + 0.02 && pair[1] > last[1] + 0.02)))
        pairs.push(pair);
    }
  }
  return pairs;
}

/** {time, slope} in the other clip at a time of the first; outside of all pairs it goes on at the same speed. */
export function across(pairs, time) {
  if (!pairs.length) return { time, slope: 1 };
  if (time <= pairs[0][0]) return { time: pairs[0][1] - (pairs[0][0] - time), slope: 1 };
  for (let i = 1; i < pairs.length; i++) {
    const [[a, b], [c, d]] = [pairs[i - 1], pairs[i]];
    if (time <= c) return { time: b + ((time - a) / (c - a)) * (d - b), slope: (d - b) / (c - a) };
  }
  const [a, b] = pairs.at(-1);
  return { time: b + (time - a), slope: 1 };
}

/** Hold `follower` (a Player) to `leader`; gives a function that lets go. */
export function keepInStep(leader, follower, pairs) {
  const place = () => {
    const { time, slope } = across(pairs, leader.times[leader.index]);
    const { video } = follower;
    const clear = Math.min(Math.max(time, follower.times[0]), follower.times.at(-1));
    const moving = leader.playing && time >= follower.times[0] && time < follower.times.at(-1);
    if (!moving) {
      if (!video.paused) video.pause();
      follower.seek(clear);
      return;
    }
    video.playbackRate = Math.min(FASTEST, Math.max(SLOWEST / 2, leader.rate * slope));
    if (Math.abs(video.currentTime - clear) > DRIFT_S * Math.max(1, slope)) follower.seek(clear);
    if (video.paused) video.play()?.catch(() => null);
  };
  leader.addEventListener("frame", place);
  leader.addEventListener("state", place);
  place();
  return () => {
    leader.removeEventListener("frame", place);
    leader.removeEventListener("state", place);
  };
}
