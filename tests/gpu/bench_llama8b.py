"""Times shared scoring with a model of LLaMA-3.1-8B's shape on one GPU; the weights are random, made on the device.

Run it with `python tests/gpu/bench_llama8b.py`; it prints two Markdown tables and writes them and JSON. The first is
what users get: attention form and pack size as the backend chooses them, contexts one after the other, each with every
target (the paper's assessment set where it is there), until the time budget is spent; its figures are medians over the
contexts, of the largest difference and of the peak of memory the largest. The second holds single measurements of each
form and pack size on a part of the targets behind the first context. After every shared call, a random sample of the
same pairs is scored one at a time (batch of one, transformers' own SDPA attention, logits at response positions only);
its time is extrapolated by the number of pairs, not by their lengths.

Model FLOPs of a call: 2 P T + 4 L H D K + 2 V W R, with
    P    parameters without the input embedding and the vocabulary projection
    T    tokens read, shared ones once
    L H D    layers, query heads, width of a head
    K    sum over the tokens read of the keys each one sees: its position, counted from 1
    V W  size of the vocabulary, width of the hidden states
    R    response tokens, of all pairs
MFU is their rate over that of a product of two square matrices (8,192 rows) in the same type on the same device, the
median of products before and after the scoring. Log-probabilities are compared token by token, in nats; the plain way
rounds its logits to bfloat16, where the shared way keeps float32, so that rounding is in the differences. They are not
those of a trained model: random weights react less to what stands in the context.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))

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
PACKS, TOY_PACKS = (2048, 4096, 8192), (128, 256, 512)
FIGURES = {
    "attention": "attention form",
    "pack_tokens": "tokens a pack",
    "pairs": "pairs a context",
    "tokens": "tokens read a context, shared ones once",
    "seconds": "seconds a context",
    "tokens_per_second": "tokens/s",
    "tflops": "model TFLOP/s",
    "mfu": "MFU",
    "sampled": "pairs sampled a context, one at a time",
    "one_at_a_time": "seconds a context one at a time, extrapolated by pairs",
    "ratio": "shared against one at a time",
    "by_token_count": "what the token count alone gives",
    "reached": "share of the token count's ratio that is reached",
    "largest": "largest difference of a token (nats)",
    "mean": "mean difference of a token (nats)",
    "peak_gib": "peak memory (GiB)",
}
SHORT = {
    "seconds": "seconds",
    "tokens_per_second": "tokens/s",
    "tflops": "TFLOP/s",
    "mfu": "MFU",
    "ratio": "ratio",
    "reached": "share of token count",
    "largest": "largest difference",
    "mean": "mean difference",
    "peak_gib": "peak GiB",
}
"""The columns of the second table."""


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
    parser.add_argument("--toy", action="store_true", help="a tiny model on the CPU, to try the benchmark itself")
    parser.add_argument("--out", type=Path, default=Path("bench-results/llama8b.json"), help="where the JSON goes")
    return parser.parse_args()


def run(given: argparse.Namespace, trials: Trials) -> int:
    """All measurements, and what they are shown as."""
    work = trials.workload()
    part = Workload(work.name, work.contexts[:1], spread(work.targets, 8 if given.toy else given.part))
    trials.multiply()
    chosen = trials.chosen("auto", given.pack_tokens)
    contexts = trials.by_context(chosen.engine, work, part)
    packs = TOY_PACKS if given.toy else PACKS
    variants = {(form, size): trials.variant(form, size, part) for form in FORMS for size in packs}
    trials.multiply()
    product = trials.product
    users = {"product": product / 1e12, **row(median(contexts), product)}
    size, kind = (256 if given.toy else 8192), str(trials.model.dtype).removeprefix("torch.")
    shown = {"product": f"product of two {size} x {size} matrices in {kind} (TFLOP/s)", **FIGURES}
    head = (
        f"{body_parameters(trials.model):,} parameters without embeddings, {kind}, random weights, on "
        f"{device_name(trials.device)}; {work.name} data, {len(contexts)} contexts x {len(work.targets)} targets"
    )
    notes = [f"why it is not a faster form: {chosen.note}"] if chosen.note else []
    second = f"One form and pack size each, {len(part.targets)} targets behind the first context:"
    publish(
        given.out,
        "\n\n".join(
            [
                head,
                *notes,
                markdown(["what", "figure"], [(name, users[key]) for key, name in shown.items()]),
                second,
                markdown(
                    ["attention", "pack tokens", *SHORT.values()],
                    [[*asked, *cells(found, product)] for asked, found in variants.items()],
                ),
            ]
        ),
        {
            "device": device_name(trials.device),
            "precision": kind,
            "versions": {"torch": torch.__version__, "transformers": version("transformers")},
            "data": work.name,
            "note": chosen.note,
            "users": users,
            "contexts": [row(each, product) for each in contexts],
            "variants": [
                {"asked": list(asked), **({"refused": found} if isinstance(found, str) else row(found, product))}
                for asked, found in variants.items()
            ],
        },
    )
    return 0


def row(found: Measured, product: float) -> dict[str, Any]:
    """The figures by name, with the share of what a matrix product reaches."""
    return {**asdict(found), "mfu": found.tflops * 1e12 / product}


def cells(found: Measured | str, product: float) -> list[Any]:
    """A line of the second table; where there is no figure, why."""
    if isinstance(found, str):
        return [f"no figure: {found}", *[None] * (len(SHORT) - 1)]
    figures = row(found, product)
    return [figures[key] for key in SHORT]


def _refuse(reason: str, code: int) -> int:
    print(reason, file=sys.stderr)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
