"""Look every pinned package up in the advisory database: exit code 1 when one of them has a known vulnerability.

Where the database cannot be reached, or does not know a package, that is told and is no failure.
"""

import json
import subprocess
import sys

COMMAND = [sys.executable, "-m", "pip_audit", "-r", "constraints.txt", "--no-deps", "--disable-pip", "-f", "json"]


def main() -> int:
    """Print one line, and one for each vulnerability."""
    run = subprocess.run(COMMAND, capture_output=True, text=True, timeout=600)
    try:
        packages = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = run.stderr.strip().splitlines()[-1:] or ["no answer"]
        print(f"The advisory database could not be asked, so nothing was audited: {reason[0]}")
        return 0
    skipped = sum("skip_reason" in package for package in packages)
    found = [(package, flaw) for package in packages for flaw in package.get("vulns", [])]
    print(f"{len(packages) - skipped} of {len(packages)} packages audited, {len(found)} known vulnerabilities.")
    for package, flaw in found:
        fixed = ", ".join(flaw["fix_versions"]) or "none yet"
        print(f"{package['name']} {package['version']}: {flaw['id']}, fixed in: {fixed}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
