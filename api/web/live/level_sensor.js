/** How level the phone is, from its orientation sensors: roll and pitch of the camera, in portrait and landscape. */

const MAX_PITCH_DEG = 60; // a phone that lies flatter has no meaningful roll; chosen
const DEG = Math.PI / 180;

/**
 * Compute the level of the rear camera.
 *
 * The angles of W3C "Device Orientation and Motion" turn the device about its axes z, x' and y'' (x right and y up on
 * the screen in natural orientation, z out of it), so that the vertical has the device coordinates
 * (-cos beta sin gamma, sin beta, cos beta cos gamma). `screen.orientation.angle` is how far the device was turned
 * counterclockwise from its natural orientation.
 * @param {number} beta_deg
 * @param {number} gamma_deg
 * @param {number} screenAngle_deg 0, 90, 180 or 270
 * @returns {{roll_deg: number|null, pitch_deg: number}} roll: positive when the content of the picture leans clockwise,
 *   in (-180, 180], null when the phone lies too flat; pitch: positive when the camera looks up
 */
export function computeLevel(beta_deg, gamma_deg, screenAngle_deg) {
  const [beta, gamma, angle] = [beta_deg * DEG, gamma_deg * DEG, screenAngle_deg * DEG];
  const [x, y, z] = [-Math.cos(beta) * Math.sin(gamma), Math.sin(beta), Math.cos(beta) * Math.cos(gamma)];
  const right = x * Math.cos(angle) - y * Math.sin(angle);
  const up = x * Math.sin(angle) + y * Math.cos(angle);
  const pitch_deg = -Math.asin(Math.min(1, Math.max(-1, z))) / DEG;
  return { roll_deg: Math.abs(pitch_deg) > MAX_PITCH_DEG ? null : Math.atan2(right, up) / DEG, pitch_deg };
}

/** The level of a camera of this phone, null while it is not known. Nothing is read before `start` or after `stop`. */
export class LevelSensor {
  /** @param {{isFront?: boolean}} [options] whether the camera is the one on the side of the screen */
  constructor({ isFront = false } = {}) {
    this.isFront = isFront;
    /** @type {number|null} positive when the content of the picture leans clockwise */
    this.roll_deg = null;
    /** @type {number|null} positive when the camera looks up */
    this.pitch_deg = null;
    this.isStarted = false;
  }

  /**
   * Start reading. iOS asks the person for permission, and only while a tap is handled: call it from there, before
   * anything is awaited.
   * @returns {Promise<boolean>} false if the browser has no sensors or the person has refused them
   */
  async start() {
    this.isStarted = true;
    if (!window.isSecureContext || !("DeviceOrientationEvent" in window)) return false;
    const { requestPermission } = /** @type {any} */ (DeviceOrientationEvent);
    if (requestPermission) {
      const answer = await requestPermission.call(DeviceOrientationEvent).catch(() => "denied");
      if (answer !== "granted") return false;
    }
    if (this.isStarted) window.addEventListener("deviceorientation", this.read);
    return this.isStarted;
  }

  /** Stop reading. */
  stop() {
    this.isStarted = false;
    window.removeEventListener("deviceorientation", this.read);
    this.roll_deg = this.pitch_deg = null;
  }

  /** @param {DeviceOrientationEvent} event with null angles where there is no sensor */
  read = ({ beta, gamma }) => {
    if (beta === null || gamma === null) return;
    const { roll_deg, pitch_deg } = computeLevel(beta, gamma, getScreenAngle());
    // The camera on the side of the screen looks the other way.
    this.roll_deg = roll_deg === null || !this.isFront ? roll_deg : -roll_deg;
    this.pitch_deg = this.isFront ? -pitch_deg : pitch_deg;
  };
}

/** Get how far the device is turned counterclockwise; iOS before 16.4 has no screen.orientation. */
function getScreenAngle() {
  return window.screen.orientation?.angle ?? (Number(/** @type {any} */ (window).orientation ?? 0) + 360) % 360;
}
