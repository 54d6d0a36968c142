"""The check of the page's JavaScript: skipped with one clear message without Node, and without suppressed rules."""

import json
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPT = ROOT / ".ci" / "lint-js"
FILES = sorted((ROOT / "api" / "web").rglob("*.js"))


def run_without_node(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    for name in ("dirname", "find", "wc"):
        (folder / name).symlink_to(
            next(path for path in (Path("/usr/bin") / name, Path("/bin") / name) if path.exists())
        )
    command = ["/bin/sh", str(SCRIPT)]
    return subprocess.run(
        command, env={"PATH": str(folder), **environment}, capture_output=True, text=True, timeout=30, check=False
    )


def test_without_node_the_javascript_check_is_skipped_with_a_message(tmp_path: Path):
    done = run_without_node(tmp_path)
    assert done.returncode == 0
    assert f"{len(FILES)} files NOT checked: Node or npm is not installed." in done.stderr
    assert "apt-get install -y npm" in done.stderr


def test_where_all_is_required_a_missing_node_is_an_error(tmp_path: Path):
    done = run_without_node(tmp_path, REQUIRE="all")
    assert done.returncode == 1
    assert "NOT checked" in done.stderr


def test_javascript_tools_are_pinned_and_no_lock_file_has_a_host():
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert package["private"] is True
    assert "dependencies" not in package
    assert [v for v in package["devDependencies"].values() if not re.fullmatch(r"\d+\.\d+\.\d+", v)] == []
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    assert [name for name in tracked if "node_modules" in name or name.endswith("package-lock.json")] == []


def test_no_file_is_excluded_from_the_type_check():
    assert FILES
    silenced = re.compile(r"@ts-(nocheck|ignore|expect-error)")
    assert [path.name for path in FILES if silenced.search(path.read_text(encoding="utf-8"))] == []
