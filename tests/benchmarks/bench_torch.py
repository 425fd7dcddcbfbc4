"""Times the torch backend on a CPU against plain ways to the same numbers, in float32.

Run it with `python tests/benchmarks/bench_torch.py`; it prints Markdown tables and writes them and JSON. All ways score
the same pairs from the same token ids in one process: the backend as users get it, tokenising included, a loop over
whole sequences, and lm-evaluation-harness at several batch sizes, the best of which counts. Every repeat times all of
them in turn and the ratios are taken within it, so that other work on the machine slows all alike; what is shown is the
median of the repeats. The other ways run on the same weights, loaded a second time as transformers loads them.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from tables import markdown, publish
from workload import Workload, data_folder, demo, positive, real

from icon.inference import embedded, sleeping_threads

with sleeping_threads():  # as where icon itself loads the backend
    import tiny
    import torch
    from race import Race

    from icon_torch.backend import TorchBackend
    from icon_torch.gguf import converted
    from icon_torch.options import TorchOptions


def lengths(work: Workload, length: Callable[[str], int]) -> str:
    """How many texts there are, and how long they are on average, in tokens."""
    context = statistics.mean(length(each) for each in work.contexts)
    target = statistics.mean(length(each.prompt) + length(each.response) for each in work.targets)
    response = statistics.mean(length(each.response) for each in work.targets)
    return (
        f"{work.name}: {len(work.contexts)} contexts of {context:.0f} tokens on average, {len(work.targets)} targets "
        f"of {target:.0f}, {response:.0f} of them in the response"
    )


def main() -> None:
    """Measure, print the tables and write them and the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=positive, default=3, help="how often every way is timed")
    parser.add_argument("--contexts", type=positive, default=4, help="contexts of each data set")
    parser.add_argument("--targets", type=positive, default=12, help="targets behind each context")
    parser.add_argument(
        "--batch-sizes", type=positive, nargs="+", default=[1, 4, 8, 16], help="of lm-evaluation-harness"
    )
    parser.add_argument("--threads", type=positive, help="threads of torch; by default its own choice")
    parser.add_argument("--toy", action="store_true", help="a tiny random model, to try the benchmark itself")
    parser.add_argument("--out", type=Path, default=Path("bench-results/torch.json"), help="where the JSON goes")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if given.toy:
            folder, model = tiny.save(Path(scratch)), scratch
        else:
            folder, model = converted(embedded("icon-torch", "backends/torch"), torch.float32), "smollm2"
        options = TorchOptions(model=model, dtype="float32", device="cpu", threads=1 if given.toy else given.threads)
        with TorchBackend(options) as backend:
            report(given, backend, Race(backend, folder, given.batch_sizes))


def report(given: argparse.Namespace, backend: TorchBackend, race: Race) -> None:
    """Measure every data set, and show what was found."""

    def length(text: str) -> int:
        return len(backend.tokenize(text))

    works = [demo(given.contexts, given.targets)]
    if not given.toy and (folder := data_folder()) is not None:
        works.append(real(folder, length, given.contexts, given.targets))
    for work in works:
        race.measure(work, given.repeats)
    info = backend.describe()
    notes = [lengths(work, length) for work in works]
    if not race.harnesses:
        notes.append("lm_eval is not installed: not measured; install it with: pip install lm_eval")
    model = "a tiny random model" if given.toy else info.model
    head = (
        f"{model}, {info.precision}, {info.settings['attention']} attention, on {info.device}, "
        f"{torch.get_num_threads()} threads, {given.repeats} repeats"
    )
    times = markdown(
        ["data", "what", "tokens read", "seconds", "tokens/s", "pairs/s"],
        [list(asdict(each).values()) for each in race.times],
    )
    figures = markdown(["data", "what", "figure"], [list(asdict(each).values()) for each in race.figures])
    versions = {**info.versions, **({"lm_eval": version("lm_eval")} if race.harnesses else {})}
    publish(
        given.out,
        "\n\n".join([head, *notes, times, figures]),
        {
            "backend": asdict(info) | {"model": model},
            "versions": versions,
            "threads": torch.get_num_threads(),
            "cores": os.cpu_count(),
            "repeats": given.repeats,
            "notes": notes,
            "times": [asdict(each) for each in race.times],
            "figures": [asdict(each) for each in race.figures],
        },
    )


if __name__ == "__main__":
    main()
