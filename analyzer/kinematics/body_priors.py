"""What is known of any body before a clip is fitted, and the settings of the fit; lengths in trunk lengths."""

from dataclasses import dataclass

import numpy as np

from analyzer.kinematics import body_model as body


@dataclass(frozen=True)
class BodyPriors:
    """Prior means and standard deviations of the body; lengths in trunk lengths (hip to shoulder).

    Trunk, thigh and shin .288, .245 and .246 of the height (Drillis & Contini 1966); widths: sources 1.5. Noise
    of the landmarks was measured on 27 clips (half of those of the time: experiments.md). "chosen": checked on them.
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
    landmark_slide: float = 0.04  # landmarks slide along a segment: relative length; measured
    turn_deg: float = 4.0  # the person turns against the camera within a clip; chosen
    foot_drift: float = 0.05  # planted feet drift by this; feet that step are outliers; chosen
    balance: tuple[float, float] = (0.12, 0.2)  # centre of mass before the ankles: heel -.1, toes +.35; sources 1.5
    effective_frames: float = 20.0  # errors of frames are alike: a clip counts as this many independent ones; chosen
    # SD of accelerations, per second squared: radians, trunk lengths, or relative lengths. Passes 6 Hz; chosen.
    acceleration: tuple[float, ...] = (18.0, 18.0, 11.0, 11.0, 11.0, 7.0, 7.0, 29.0, 4.0, 4.0, 4.0, 4.0, 1.0)

    def clip_priors(self) -> dict[int, tuple[float, float]]:
        """Return mean and SD of the clip's parameters, by their index in `body_model`."""
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


@dataclass(frozen=True)
class FitSettings:
    """Settings for the weights of landmarks, the cuts of a clip and the scale of uncertainty."""

    rate_hz: float = 30.0  # frames are fitted at most this often: movements stay below 6 Hz (sources 5)
    visibility_sd: float = 0.06  # SD of a landmark of visibility 0 beyond its noise, trunk lengths; measured, 27 clips
    mirror_sd_ratio: float = 0.7  # SD over the distance of the landmarks in the mirrored picture; measured, 27 clips
    toe_weight: float = 0.15  # weight of toes: shoes differ; chosen
    raised_foot: float = 0.3  # a foot this far above the other, trunk lengths: the other leg bears the body; chosen
    cut_jump: float = 0.5  # the joints' median jump between frames, trunk lengths, at which the film was cut; chosen
    bridge_s: float = 0.15  # neighbours this near support a frame without landmarks; chosen
    # SD of the angles' errors over what the fit alone states: landmarks err alike; measured, 27 clips; the trunk-thigh
    # angle's on 34, 8 of them with plates that hide the legs
    trunk_sd_scale: float = 0.75
    trunk_thigh_sd_scale: float = 0.7
    knee_sd_scale: float = 0.5
    yaw_sd_scale: float = 1.7


PRIORS = BodyPriors()
FIT_SETTINGS = FitSettings()
