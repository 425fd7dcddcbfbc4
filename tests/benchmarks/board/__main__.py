"""`python -m board`: goes on with the board where it was stopped, pool after pool, and prints the table.

python tests/benchmarks/board            everything, resumable (nox -s board)
python tests/benchmarks/board --table    the tables of what is done
python tests/benchmarks/board --choices  what the rules keep: ties of the default, GSM8K problems in mixed pools
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workload import data_folder

from board.conditions import CONDITIONS, KEPT, N_POOLS, Data
from board.rules import OF_TARGET, chosen
from board.scoring import Scoring
from board.training import BUDGETS, SAME_POOLS, Results, Training, arms

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run or print."""
    options = _options()
    if options.table:
        from board.rules import ADDED, DEFAULT, LEVELLED, SECOND, THIRD
        from board.table import print_added, print_called, print_over_all, print_table

        figures = Results(RESULTS / "arms.jsonl").read()
        print_table(figures)
        print_added(figures, "second", tuple(SECOND), DEFAULT)
        print_added(figures, "third", tuple(THIRD), LEVELLED)
        print_over_all(figures, "tokens", tuple(ADDED))
        print_over_all(figures, "steps")
        print_called(figures)
        return
    folder = data_folder()
    if folder is None:
        return
    from icon.samples.templates.loading import load_template
    from icon_torch.backend import TorchBackend
    from icon_torch.options import TorchOptions

    with TorchBackend(TorchOptions(threads=options.threads)) as backend:
        template = load_template("chat", backend.chat_template())
        data = Data(folder, lambda one: _length(one, template, backend))
        scoring = Scoring(data, backend, template, RESULTS)
        if options.choices:
            from board.choices import print_choices

            print_choices(data, scoring)
            return
        for budget in options.budgets:
            for number in range(options.first, options.pools):
                for condition in options.conditions:
                    if options.scores:
                        pool = data.pool(condition, number)
                        scoring.scores(pool.target, pool.candidates)
                    else:
                        _pool(data, scoring, backend, template, condition, number, budget, options.draws)


def _pool(data, scoring, backend, template, condition, number, budget, draws) -> None:  # type: ignore[no-untyped-def]
    """Train what is missing of one pool."""
    results = Results(RESULTS / "arms.jsonl")
    done = results.read()
    wanted = [arm for arm in arms(condition, number, budget) if arm not in done]
    if draws:
        wanted = [arm for arm in wanted if arm.name == "bare" or arm.name.startswith("random")]
    if not wanted:
        return
    pool = data.pool(condition, number)
    others = [data.pool(other, number) for other, same in SAME_POOLS.items() if same == condition]
    scores = {} if draws else scoring.scores(pool.target, pool.candidates)
    training = Training(pool, backend, template, others)
    for arm in wanted:
        for name, figures in training.figures(arm, _ids(arm, pool, scores, training)).items():
            if name == condition or arm.name not in OF_TARGET:
                results.add(replace(arm, condition=name), figures)
                line = f"{name} {number} {budget} {arm.name}"
                print(f"{line}: rest {figures['rest']:.4f}, all {figures['all']:.4f}", flush=True)


def _ids(arm, pool, scores, training) -> list[str]:  # type: ignore[no-untyped-def]
    """The records that an arm is trained on."""
    if arm.name == "bare":
        return []
    if arm.name.startswith("random"):
        return training.random_ids(arm)
    return chosen(arm.name, pool.candidates, scores, KEPT, arm.seed)


def _length(sample, template, backend) -> tuple[int, int]:  # type: ignore[no-untyped-def]
    target = template.target(sample)
    response = len(backend.tokenize(target.response))
    return len(backend.tokenize(target.prompt)) + response, response


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Trains every arm of the board that has no result yet.")
    parser.add_argument("--table", action="store_true", help="print the tables of the results")
    parser.add_argument("--choices", action="store_true", help="print what the rules keep")
    parser.add_argument("--conditions", nargs="+", default=CONDITIONS, choices=CONDITIONS)
    parser.add_argument("--first", type=int, default=0, help="number of the first pool")
    parser.add_argument("--pools", type=int, default=N_POOLS, help="pools of each condition")
    parser.add_argument("--budgets", nargs="+", default=BUDGETS, choices=BUDGETS)
    parser.add_argument("--draws", action="store_true", help="the bare model and the random draws only, without scores")
    parser.add_argument("--scores", action="store_true", help="scores only")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
