"""The command line: `python docs/recipes/paper CONFIG`."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from icon.errors import BackendError, IconError
from paper.settings import Chain, load

FAILED, INTERRUPTED = 1, 130

NEEDED = {"icon_torch": "icon-torch", "icon_validate": "icon-validate", "trl": "trl", "lm_eval": "lm-eval"}
"""Modules that the stages import, and the packages that have them."""


def main(words: Sequence[str]) -> int:
    """Run the chain, or go on with it.

    Returns:
        0 done, 1 a job failed, 2 wrong settings, 130 interrupted.
    """
    given = _parser().parse_args(words)
    try:
        chain = load(given.config, given.work)
        if given.job:
            from paper.jobs import by_name
            from paper.parent import end_with_parent

            end_with_parent()
            by_name(chain, given.job).perform(chain)
            return 0
        return _chain(chain, given)
    except IconError as error:
        _say(f"Error: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("interrupted; the same command goes on")
        return INTERRUPTED


def _chain(chain: Chain, given: argparse.Namespace) -> int:
    _check_installed()
    from paper.benchmarks import check_tasks, harness_benchmarks
    from paper.runner import Runner
    from paper.tables import write_tables

    if harness_benchmarks(chain) and not given.tables:
        check_tasks(chain)
    if given.dry_run:
        from paper.costs import plan

        sys.stdout.write(plan(chain))
        return 0
    runner = Runner(chain, given.config.resolve(), given.devices or (), given.one_process, _say)
    if not given.tables:
        runner.all()
    sys.stdout.write(write_tables(chain))
    if all(_is_selected(chain, model) for model in chain.models):
        from paper.analysis import analyse

        sys.stdout.write(f"\n{analyse(chain)}")
    for job, reason in runner.failures.items():
        _say(f"failed: {job}: {reason}")
    return FAILED if runner.failures else 0


def _check_installed() -> None:
    """Refuse to begin what could not be finished here.

    Raises:
        BackendError: A package is missing.
    """
    missing = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise BackendError(f"the chain needs {' and '.join(missing)}; how to install: docs/recipes/paper/README.md")


def _is_selected(chain: Chain, model: str) -> bool:
    from paper.cells import Places

    places = Places(chain.work)
    return all(path.exists() for path in [places.eligible(model), *(places.choice(model, one) for one in chain.shares)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python docs/recipes/paper", description=__doc__)
    parser.add_argument("config", type=Path, help="the settings of the experiment, a TOML file")
    parser.add_argument("--work", type=Path, help="folder of all results, instead of the file's")
    parser.add_argument("--dry-run", action="store_true", help="print the plan and its GPU hours, and stop")
    parser.add_argument(
        "--tables", action="store_true", help="only write the tables and the analysis of the existing results"
    )
    parser.add_argument(
        "--devices",
        action="append",
        metavar="GPUS",
        help="GPUs of one job, such as 0,1; give it once per job at a time",
    )
    parser.add_argument(
        "--one-process", action="store_true", help="do every job in this process, which is quicker for small models"
    )
    parser.add_argument("--job", help="do this one job in this process, such as train/qwen2.5-3b/15-selection")
    return parser


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
