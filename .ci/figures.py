"""What a run of nox prints at its end: seconds per session, the slowest tests and files, coverage per package."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree


def times(sessions: Mapping[str, float], junit: Iterable[Path], n: int = 15) -> str:
    """Seconds per session, and the slowest tests and test files of the run.

    Args:
        sessions: Seconds by name.
        junit: Results of pytest in JUnit's XML, as `junit_family=xunit1` writes them; missing files are passed over.
        n: How many tests and files to list.

    Returns:
        Lines of text. A test's seconds include its set-up, so a shared set-up counts for the test that came first.
    """
    tests: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for path in junit:
        if not path.is_file():
            continue
        for case in ElementTree.parse(path).iter("testcase"):
            file, seconds = case.get("file", ""), float(case.get("time", 0))
            tests[f"{file}::{case.get('name')}"] += seconds
            files[file] += seconds
    blocks = [("seconds per session", list(sessions.items()))]
    blocks += [
        (f"the {n} slowest {what}", found.most_common(n)) for what, found in (("tests", tests), ("files", files))
    ]
    return "".join(_block(title, rows) for title, rows in blocks if rows)


def _block(title: str, rows: list[tuple[str, float]]) -> str:
    return "\n".join([f"\n{title}", *(f"{seconds:8.1f}  {name}" for name, seconds in rows)]) + "\n"


def coverage(report: Path) -> str:
    """Percentages of lines and branches per package, from the report that `coverage json` writes."""
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for file, found in json.loads(report.read_text(encoding="utf-8"))["files"].items():
        package = next(part for part in Path(file).parts if part.startswith("icon"))
        for name in (package, "total"):
            sums[name].update(found["summary"])
    lines = [f"\n{'coverage':24}{'lines':>8}{'branches':>10}"]
    for name in sorted(sums, key=lambda name: (name == "total", name)):
        found = sums[name]
        shares = (
            _percent(found["covered_lines"], found["num_statements"]),
            _percent(found["covered_branches"], found["num_branches"]),
        )
        lines.append(f"{name:24}{shares[0]:>8}{shares[1]:>10}")
    return "\n".join(lines) + "\n"


def _percent(covered: float, total: float) -> str:
    return f"{100 * covered / total:.1f}%" if total else "-"
