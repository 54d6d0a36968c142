"""What is known of any body before the clip is looked at."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics import body_model as body


@dataclass(frozen=True)
class BodyPriors:
    """What is known of any body before the clip is looked at; lengths in trunk lengths (hip to shoulder).

    Trunk, thigh and shin .288, .245 and .246 of the height (Drillis & Contini 1966); widths: sources 1.5. Noise
    of the landmarks was measured on 27 rendered clips (half of those at hand). "chosen": checked on the same clips.
    """

    log_thigh: tuple[float, float] = (np.log(0.85), 0.10)  # mean, SD; Drillis & Contini 1966
    log_shin: tuple[float, float] = (np.log(0.83), 0.10)  # likewise, to the ankle landmark
    log_foot: tuple[float, float] = (np.log(0.42), 0.25)  # ankle to toes; chosen
    shoulder_width: tuple[float, float] = (0.36, 0.06)  # half widths; sources 1.5
    hip_width: tuple[float, float] = (0.20, 0.04)  # sources 1.5
    knee_width: tuple[float, float] = (0.20, 0.08)  # chosen
    ankle_width: tuple[float, float] = (0.20, 0.10)  # chosen
    toe_width: tuple[float, float] = (0.26, 0.10)  # chosen
    pitch_deg: tuple[float, float] = (0.0, 4.0)  # filming rule "level +/-5 degrees", sources 1.5
    noise: float = 0.03  # SD of a near landmark about its mean error; measured
    depth_noise: float = 0.30  # SD of the model's depth; measured errors are one-sided, so it counts little; chosen
    depth_share: float = 0.5  # weight of a depth against a pixel coordinate; chosen
    leg_asymmetry_deg: float = 2.0  # half the difference of left and right where both legs do the same; chosen
    foot_pitch_deg: float = 25.0  # chosen
    knee_spread: float = 0.10  # knees opening sideways within a clip; chosen
    slide: float = 0.04  # landmarks slide along a segment: relative length; measured
    turn_deg: float = 4.0  # the person turns against the camera within a clip; chosen
    stand: float = 0.05  # planted feet wander by this; feet that step are outliers; chosen
    balance: tuple[float, float] = (0.12, 0.2)  # centre of mass before the ankles: heel -.1, toes +.35; sources 1.5
    effective_frames: float = 20.0  # errors of frames are alike: a clip counts as this many independent ones; chosen
    # SD of accelerations, per second squared: radians, trunk lengths, or relative lengths. Passes 6 Hz; chosen.
    acceleration: tuple[float, ...] = (18.0, 18.0, 11.0, 11.0, 11.0, 7.0, 7.0, 29.0, 4.0, 4.0, 4.0, 4.0, 1.0)

    def of_clip(self) -> dict[int, tuple[float, float]]:
        """Mean and SD by parameter of the clip."""
        return {
            body.PITCH: (np.radians(self.pitch_deg[0]), np.radians(self.pitch_deg[1])),
            body.LOG_THIGH: self.log_thigh,
            body.LOG_SHIN: self.log_shin,
            body.LOG_FOOT: self.log_foot,
            body.SHOULDER_WIDTH: self.shoulder_width,
            body.HIP_WIDTH: self.hip_width,
            body.KNEE_WIDTH: self.knee_width,
            body.ANKLE_WIDTH: self.ankle_width,
            body.TOE_WIDTH: self.toe_width,
        }


PRIORS = BodyPriors()
