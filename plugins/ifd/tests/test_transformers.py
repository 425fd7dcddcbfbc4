"""ifd against an independent computation: plain transformers, a pass a sample, over samples of the demo pool.

Eight samples of the embedded model are enough: 16 passes with its vocabulary, of a response behind its prompt and by
itself, and a fault of the formula or of a text would show in every one. The long tier has 90, all of them.
"""

import json
from importlib.resources import files

import pytest

from icon.plugins import ScoringTask
from icon.samples import load_samples, load_template
from icon.types import Status
from icon_ifd.scorer import IfdScorer
from support import smollm2
from support.tiers import of_tier

pytestmark = [pytest.mark.model, pytest.mark.slow]

N_SAMPLES = of_tier(8, 90)
POOL = files("icon.samples.demo").joinpath("demo_pool.jsonl")


def expected_ratios(folder, records):
    """NLL(y given x) / NLL(y) of each record, from the weights and the tokenizer loaded apart."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()

    def nll(prompt, response):
        before, after = (tokenizer(text, add_special_tokens=False).input_ids for text in (prompt, response))
        with torch.inference_mode():
            logits = model(torch.tensor([before + after]), logits_to_keep=len(after) + 1).logits[0, :-1].double()
        return -logits.log_softmax(1)[range(len(after)), after].mean().item()

    def prompt(record):
        passage = f"\n\n### Input: {record['input']}" if record["input"] else ""
        return f"### Instruction:\n{record['instruction']}{passage}\n\n### Response:"

    # SmolLM2 puts no BOS in front, so a response by itself stands behind a line break.
    return [nll(prompt(each), each["output"]) / nll("\n", each["output"]) for each in records]


def test_samples_have_the_ratio_of_plain_transformers_passes():
    folder = smollm2.folder()
    from icon_torch.backend import TorchBackend
    from icon_torch.options import TorchOptions

    records = [json.loads(line) for line in POOL.read_text("utf-8").splitlines()]
    shortest = sorted(load_samples(str(POOL)).samples, key=lambda each: (len(each.text), each.id))[:N_SAMPLES]
    scorer = IfdScorer()
    options = TorchOptions(model=str(folder), dtype="float32", device="cpu")
    with smollm2.run_cache(), TorchBackend(options) as backend:
        scorer.prepare(ScoringTask(backend, load_template("paper"), (), 1, 1024, 2040, 1024, True), [])
        rows = [row for (row,) in scorer.measure(shortest)]
    assert [row.status for row in rows] == [Status.OK] * N_SAMPLES
    expected = expected_ratios(folder, [records[each.row] for each in shortest])
    assert [row.value for row in rows] == pytest.approx(expected, abs=1e-3)
    assert max(expected) - min(expected) > 0.3  # so that agreement says something
