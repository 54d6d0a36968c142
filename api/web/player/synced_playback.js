/** Synchronised playback of two clips: the follower shows the same moment of the movement as the leader. */

const MAX_DRIFT_S = 0.12; // a larger drift is noticeable; chosen
const MIN_RATE = 0.125;
const MAX_RATE = 4;

/** Get the times that two clips share: start, turn and end of each rep, else start and end of each hold or stage. */
export function getAnchors({ reps = [], holds = [], stages = [] }) {
  if (reps.length) return reps.map((rep) => [rep.start_s, rep.bottom_s, rep.end_s]);
  if (holds.length) return holds.map((hold) => [hold.start_s, hold.end_s]);
  return stages.map((stage) => [stage.start_s, stage.end_s]);
}

/** Pair the anchors of the n-th event of both clips. Returns [leader time, follower time] pairs, ascending in both. */
export function pairAnchors(first, second) {
  const pairs = [];
  for (let n = 0; n < Math.min(first.length, second.length); n++) {
    for (let i = 0; i < Math.min(first[n].length, second[n].length); i++) {
      const pair = [first[n][i], second[n][i]];
      const last = pairs.at(-1);
      if (pair.every(Number.isFinite) && (!last || (pair[0] > last[0] + 0.02 && pair[1] > last[1] + 0.02)))
        pairs.push(pair);
    }
  }
  return pairs;
}

/** Map a time of the leader to {time, slope} of the follower: linear between pairs, with slope 1 outside of them. */
export function mapTime(pairs, time) {
  if (!pairs.length) return { time, slope: 1 };
  if (time <= pairs[0][0]) return { time: pairs[0][1] - (pairs[0][0] - time), slope: 1 };
  for (let i = 1; i < pairs.length; i++) {
    const [[a, b], [c, d]] = [pairs[i - 1], pairs[i]];
    if (time <= c) return { time: b + ((time - a) / (c - a)) * (d - b), slope: (d - b) / (c - a) };
  }
  const [a, b] = pairs.at(-1);
  return { time: b + (time - a), slope: 1 };
}

/**
 * Keep the follower in step with the leader.
 * @param {import("./frame_player.js").FramePlayer} leader
 * @param {import("./frame_player.js").FramePlayer} follower
 * @param {number[][]} pairs of `pairAnchors`
 * @returns {() => void} stops the synchronisation
 */
export function syncPlayback(leader, follower, pairs) {
  const follow = () => {
    const { time, slope } = mapTime(pairs, leader.times[leader.index]);
    const { video } = follower;
    const lastTime = follower.times[follower.times.length - 1];
    const target = Math.min(Math.max(time, follower.times[0]), lastTime);
    const isMoving = leader.isPlaying && time >= follower.times[0] && time < lastTime;
    if (!isMoving) {
      if (!video.paused) video.pause();
      follower.seekToTime(target);
      return;
    }
    video.playbackRate = Math.min(MAX_RATE, Math.max(MIN_RATE, leader.rate * slope));
    if (Math.abs(video.currentTime - target) > MAX_DRIFT_S * Math.max(1, slope)) follower.seekToTime(target);
    if (video.paused) video.play()?.catch(() => null);
  };
  leader.addEventListener("frame", follow);
  leader.addEventListener("state", follow);
  follow();
  return () => {
    leader.removeEventListener("frame", follow);
    leader.removeEventListener("state", follow);
  };
}
