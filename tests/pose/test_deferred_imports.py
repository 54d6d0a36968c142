"""MediaPipe is loaded without the modules that only its drawing and its microphone need."""

import subprocess
import sys

from analyzer.pose.deferred_imports import deferred_modules


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_pose_model_loads_no_pyplot_and_no_sound():
    program = (
        "import sys, analyzer.pose.landmarker;"
        "print(sorted({'matplotlib', 'matplotlib.pyplot', 'sounddevice'} & set(sys.modules)))"
    )
    assert run(program) == "[]"


def test_mediapipe_can_draw_all_the_same():
    program = (
        "import analyzer.pose.landmarker; from mediapipe.tasks.python.vision import drawing_utils;"
        "print(drawing_utils.plt.figure.__module__)"
    )
    assert run(program) == "matplotlib.pyplot"


def test_a_module_that_is_loaded_stays():
    with deferred_modules("subprocess", "no_such_module"):
        assert sys.modules["subprocess"] is subprocess
        assert "no_such_module" in sys.modules
    assert sys.modules["subprocess"] is subprocess
    assert "no_such_module" not in sys.modules
