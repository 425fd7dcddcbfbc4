"""Lists an environment as an SBOM and asks a vulnerability database about it: python .ci/supply.py PYTHON DIST OWN...

pip-audit ends with "no known vulnerabilities" where its service knows none of the packages, as behind a mirror of an
index. So its report is read: what was not looked up does not count as sound.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNAUDITED = "--unaudited"
SBOM, REPORT = "sbom.cdx.json", "audit.json"

SOUND, VULNERABLE, NOT_AUDITED = 0, 1, 3
"""Exit codes."""

SHOWN = 5
SECONDS = 600


@dataclass(frozen=True)
class Verdict:
    """The outcome of an audit.

    Attributes:
        code: Exit code.
        text: A sentence for the terminal.
    """

    code: int
    text: str


def judge(report: Mapping[str, Any], own: Iterable[str]) -> Verdict:
    """What a report of pip-audit says of an environment.

    Args:
        report: The report as pip-audit writes it with `--format json`.
        own: Distributions of this project, which no database knows.
    """
    others = [each for each in report.get("dependencies", []) if each["name"] not in set(own)]
    found = [f"{each['name']} {each['version']}: {fault['id']}" for each in others for fault in each.get("vulns", [])]
    if found:
        return Verdict(VULNERABLE, f"{len(found)} known vulnerabilities: {'; '.join(found)}")
    unknown = [each["name"] for each in others if "skip_reason" in each]
    if unknown or not others:
        some = ", ".join(unknown[:SHOWN]) + (", ..." if len(unknown) > SHOWN else "")
        which = f" ({some})" if some else ""
        how_many = f"{len(unknown)} of {len(others)} packages{which}"
        return Verdict(NOT_AUDITED, f"NOT AUDITED: the service knows nothing of {how_many}")
    return Verdict(SOUND, f"{len(others)} packages, no known vulnerability")


def audit(python: str, folder: Path, own: Iterable[str]) -> Verdict:
    """Audit the environment of an interpreter with the pip-audit beside this one; the report goes into the folder."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    path = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    command = [sys.executable, "-m", "pip_audit", "--path", path, "--format", "json", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
        report = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        return Verdict(NOT_AUDITED, f"NOT AUDITED: the service did not answer within {SECONDS} seconds")
    except ValueError:
        said = done.stderr.strip().splitlines() or ["pip-audit printed nothing"]
        return Verdict(NOT_AUDITED, f"NOT AUDITED: {said[-1]}")
    (folder / REPORT).write_text(json.dumps(report, indent=1), encoding="utf-8")
    return judge(report, own)


def write_sbom(python: str, folder: Path) -> Path:
    """Write the list of all distributions of an environment, as CycloneDX, with the cyclonedx-bom beside this one."""
    made = folder / SBOM
    command = [sys.executable, "-m", "cyclonedx_py", "environment", python, "--output-reproducible", "-o", str(made)]
    subprocess.run(command, check=True)
    return made


def main(python: str, folder: Path, words: Iterable[str]) -> int:
    """Both; the exit code is 0 sound, 1 vulnerable, 3 not audited, and with `--unaudited` 0 for that as well.

    Args:
        python: The environment's interpreter.
        folder: Where the files go.
        words: Names of this project's distributions, and `--unaudited`.
    """
    sys.stdout.write(f"{write_sbom(python, folder)}\n")
    verdict = audit(python, folder, words)
    sys.stdout.write(f"audit: {verdict.text}\n")
    return SOUND if verdict.code == NOT_AUDITED and UNAUDITED in words else verdict.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
