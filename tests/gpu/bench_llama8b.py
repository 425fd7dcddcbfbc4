"""One page of speeds on one GPU: a model of LLaMA-3.1-8B's shape by torch, and llama.cpp where it was built with CUDA.

Run it with `python tests/gpu/bench_llama8b.py`; it prints the page and writes it beside JSON. The 8B model's weights
are random and made on the device. The table has a row for each way of reading:

- plain prefill of several lengths as transformers runs it; the fastest is what tokens/s are compared with;
- the backend as it is (attention form and pack size as it chooses them), contexts one after the other, each with every
  target (the paper's assessment set where it is there), until the time budget is spent: medians over the contexts, of
  the largest difference and of the peak of memory the largest;
- each form of attention and pack size, and with --compile each also with `compile`, on a part of the targets behind the
  first context.

After every shared call a random sample of the same pairs is scored one at a time (batch of one, transformers' own SDPA
attention, logits at response positions only); its time is extrapolated by the number of pairs, not by their lengths.
What all is compared with, matrix products and prefill, is measured before and after.

Model FLOPs of a call: 2 P T + 4 L H D K + 2 V W R, with
    P    parameters without the input embedding and the vocabulary projection
    T    tokens read, shared ones once
    L H D    layers, query heads, width of a head
    K    sum over the tokens read of the keys each one sees: its position, counted from 1
    V W  size of the vocabulary, width of the hidden states
    R    response tokens, of all pairs
MFU is their rate over that of a product of two square matrices (8,192 rows) in the same type on the same device.
Log-probabilities are compared token by token, in nats; the plain way rounds its logits to bfloat16, where the shared
way keeps float32, so that rounding is in the differences. They are not those of a trained model: random weights react
less to what stands in the context.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

import llamacpp
import torch
from measuring import Measured, MeasurementError, median
from tables import markdown, publish
from trials import Trials
from work import body_parameters
from workload import Workload, positive, spread

from icon.errors import UserError
from icon_torch.device import device_name
from icon_torch.options import Attention

FORMS: tuple[Attention, ...] = ("flex", "masked")
PACKS, TOY_PACKS = (2048, 4096, 8192), (128, 256)
NAMES = {False: "one form and pack size", True: "the same, compiled"}
FIGURES = {
    "tokens": "tokens read",
    "seconds": "seconds",
    "tokens_per_second": "tokens/s",
    "of_prefill": "over plain prefill",
    "tflops": "TFLOP/s",
    "mfu": "MFU",
    "ratio": "against one at a time",
    "reached": "of what the token count gives",
    "largest": "largest difference (nats)",
    "mean": "mean difference",
    "peak_gib": "peak GiB",
}
"""The columns of the table behind the first two, by the name of the figure."""


def main() -> int:
    """Measure, print the tables and write them and the JSON; the exit code."""
    given = arguments()
    if given.toy:
        torch.set_num_threads(1)
    elif not torch.cuda.is_available():
        return _refuse(f"torch {torch.__version__} sees no GPU: this benchmark needs one with CUDA, or --toy", 2)
    try:
        return run(given, Trials(given))
    except UserError as error:
        return _refuse(str(error), 2)
    except MeasurementError as error:
        return _refuse(str(error), 1)
    except torch.OutOfMemoryError as error:
        return _refuse(f"not enough memory on the GPU, the model alone takes 16 GB: {str(error).splitlines()[0]}", 1)


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contexts", type=positive, default=4, help="contexts at most")
    parser.add_argument("--budget", type=positive, default=60, help="seconds after which no further context is begun")
    parser.add_argument("--sample", type=positive, default=64, help="pairs a context to score one at a time")
    parser.add_argument("--part", type=positive, default=256, help="targets for the table of forms and packs")
    parser.add_argument("--pack-tokens", type=positive, help="tokens a pack; by default from the free memory")
    parser.add_argument("--tokenizer", type=Path, help="folder of a tokenizer; by default the embedded model's")
    parser.add_argument("--compile", action="store_true", help="each form and pack size with compile, too")
    parser.add_argument("--gguf", type=Path, help="model of llama.cpp; by default the embedded one in F16")
    parser.add_argument("--toy", action="store_true", help="a tiny model on the CPU, to try the benchmark itself")
    parser.add_argument("--out", type=Path, default=Path("bench-results/gpu.json"), help="where the JSON goes")
    return parser.parse_args()


def run(given: argparse.Namespace, trials: Trials) -> int:
    """All measurements, and the page."""
    work = trials.workload()
    part = Workload(work.name, work.contexts[:1], spread(work.targets, 8 if given.toy else given.part))
    packs = TOY_PACKS if given.toy else PACKS
    trials.refer(packs)
    chosen = trials.chosen("auto", given.pack_tokens)
    contexts = trials.by_context(chosen.engine, work, part)
    bodies = (False, True) if given.compile else (False,)
    variants = {way: trials.variant(*way, part) for way in product(FORMS, packs, bodies)}
    trials.refer(packs)
    written, llama = llamacpp.section(given, trials.product)
    data = {
        "device": device_name(trials.device),
        "precision": kind(trials),
        "versions": {"torch": torch.__version__, "transformers": version("transformers")},
        "data": work.name,
        "note": chosen.note,
        "product": trials.product / 1e12,
        "prefill": trials.prefill,
        "users": row(median(contexts), trials),
        "contexts": [row(each, trials) for each in contexts],
        "variants": [
            {"asked": list(asked), **({"refused": found} if isinstance(found, str) else row(found, trials))}
            for asked, found in variants.items()
        ],
        "llamacpp": llama,
    }
    table = markdown(
        ["way", "attention, tokens per pack", *FIGURES.values()], lines(trials, median(contexts), variants)
    )
    head = heading(trials, work, len(contexts), chosen.note)
    publish(given.out, "\n\n".join([*head, table, written]), data)
    return 0


def lines(trials: Trials, users: Measured, variants: Mapping[tuple[Attention, int, bool], Measured | str]) -> list[Any]:
    """The lines of the table: prefill, the backend as it is, and each form and pack size."""
    found = [[f"plain prefill of {length:,}", None, None, None, rate] for length, rate in trials.prefill.items()]
    found.append(["the backend as it is", f"{users.attention}, {users.pack_tokens:,}", *cells(users, trials)])
    for (form, size, compiled), measured in variants.items():
        found.append([NAMES[compiled], f"{form}, {size:,}", *cells(measured, trials)])
    return [line + [None] * (2 + len(FIGURES) - len(line)) for line in found]


def heading(trials: Trials, work: Workload, n_contexts: int, note: str) -> list[str]:
    """What was measured, on what, and what it is compared with."""
    size = 256 if trials.given.toy else 8192
    model = (
        f"{body_parameters(trials.model):,} parameters without embeddings, {kind(trials)}, random weights, on "
        f"{device_name(trials.device)}; {work.name} data, {n_contexts} contexts x {len(work.targets)} targets, a "
        "part of them for one form and pack size; seconds are per context"
    )
    unit = f"A product of two {size} x {size} matrices: {trials.product / 1e12:.3g} TFLOP/s, which is an MFU of 1"
    return ["# Speed on a GPU", model, unit, *([f"Why it is not a faster form: {note}"] if note else [])]


def kind(trials: Trials) -> str:
    """The type of the weights."""
    return str(trials.model.dtype).removeprefix("torch.")


def row(found: Measured, trials: Trials) -> dict[str, Any]:
    """The figures by name, with the shares of what a matrix product and the fastest prefill reach."""
    of_prefill = found.tokens_per_second / max(trials.prefill.values())
    return {**asdict(found), "of_prefill": of_prefill, "mfu": found.tflops * 1e12 / trials.product}


def cells(found: Measured | str, trials: Trials) -> list[Any]:
    """The figures of a line of the table; where there are none, why."""
    if isinstance(found, str):
        return [f"no figure: {found}", *[None] * (len(FIGURES) - 1)]
    figures = row(found, trials)
    return [figures[key] for key in FIGURES]


def _refuse(reason: str, code: int) -> int:
    print(reason, file=sys.stderr)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
