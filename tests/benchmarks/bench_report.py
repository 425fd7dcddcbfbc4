"""The report of large pools: seconds to draw, megabytes, and seconds until a browser has it ready.

Run it with `python tests/benchmarks/bench_report.py`; it needs no model. Texts are made of random words, which compress
worse than real ones. Without playwright and chromium the opening is left out.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tables import markdown, publish

from icon.results.report._document import render
from icon.results.report._threshold import PageInput
from icon.runs.manifest import Manifest
from icon.types import Message, Sample, ScoreRow

SIZES = (126, 5_000, 50_000)
GROUPS = "abcdefgh"
TASKS = 64
KEEP = 0.15


def made_up(n: int, seed: int = 0) -> PageInput:
    """A run of so many scored candidates, its texts about as long as Alpaca's."""
    draw = random.Random(seed)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 10))) for _ in range(20_000)]
    samples, rows = {}, []
    for row in range(n):
        prompt, response = (" ".join(draw.choices(words, k=draw.randint(1, 2 * mean))) for mean in (12, 45))
        samples[f"{row:016x}"] = Sample(f"{row:016x}", row, (Message("user", prompt),), response)
        score = draw.gauss(0, 1)
        groups = {name: score + draw.gauss(0, 0.5) for name in GROUPS}
        more = {"standard_error": 0.3, "consistency": draw.random(), "coverage": draw.random(), "log_gain": score / 9}
        found = ScoreRow(f"{row:016x}", row, 0, "scored", "", "", score=score, n_assessed=TASKS, groups=groups, **more)
        rows.append(replace(found, baselines={"length": float(len(response)), "ppl": draw.random() * 30}))
    kept = round(KEEP * n)
    ranked = sorted(rows, key=lambda each: -(each.score or 0.0))
    rows = [
        replace(each, rank=rank, selected=rank <= kept, decision=f"rank {rank} of {n} by score")
        for rank, each in enumerate(ranked, 1)
    ]
    return PageInput("runs/made-up", manifest_of(n, kept), sorted(rows, key=lambda each: each.row), samples)


def manifest_of(n: int, kept: int) -> Manifest:
    """What run.json would say of such a run."""
    select = {"selector": "top", "keep": f"{KEEP:.0%}", "records_selected": kept, "records_dropped": n - kept}
    return Manifest.model_validate(
        {
            "config": {"pool": "made-up.jsonl"},
            "stages": {"assess": {"samples": TASKS, "digest": ""}, "select": select},
            "results": {
                "scorer": "icon",
                "rows": {"scored": n},
                "keep": f"{KEEP:.0%}",
                "candidates": n,
                "selected": kept,
                "assessment": {"samples": TASKS, "groups": dict.fromkeys(GROUPS, TASKS // len(GROUPS))},
                "selection_quality": {},
                "needs_model": False,
            },
        }
    )


def opening(page: Path) -> float | None:
    """Seconds from the request to a page that is ready to use, in a browser that is open already."""
    browser_path = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if browser_path is None:
        return None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto("about:blank")
        start = time.perf_counter()
        tab.goto(page.as_uri(), wait_until="commit")
        tab.wait_for_selector("html[data-ready=yes]", state="attached", timeout=120_000)
        seconds = time.perf_counter() - start
        browser.close()
    return seconds


def main() -> None:
    """Draw, open, print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("bench-results/report.json"), help="where the JSON goes")
    parser.add_argument("--rows", type=int, nargs="*", default=SIZES, help="sizes of the pools")
    given = parser.parse_args()
    rows, data = [], []
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        for n in given.rows:
            made = made_up(n)
            start = time.perf_counter()
            page.write_text(render(made), encoding="utf-8")
            drawn, size, opened = time.perf_counter() - start, page.stat().st_size / 1e6, opening(page)
            rows.append([n, drawn, size, "not measured" if opened is None else opened])
            data.append({"rows": n, "seconds_to_draw": drawn, "megabytes": size, "seconds_to_open": opened})
    heads = ["rows of the pool", "seconds to draw", "megabytes", "seconds to open"]
    publish(given.out, markdown(heads, rows), {"rows": data})


if __name__ == "__main__":
    main()
