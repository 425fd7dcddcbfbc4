"""The torch backend keeps the contract of every backend, with a GGUF file and whatever its attention is."""

import pytest

from icon.testing import BackendSuite
from icon.types import Target
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions
from support.tiers import of_tier


class TestFileWithoutBos(BackendSuite):
    """A GGUF file, as the embedded model is one: converted when it is opened, without a BOS.

    The long tier repeats it with the embedded model, whose numbers and tokens test_agreement.py holds.
    """

    tolerance = 1e-4

    @pytest.fixture(scope="class", params=of_tier(["tiny"], ["tiny", pytest.param("smollm2", marks=pytest.mark.model)]))
    @classmethod
    def make_backend(cls, request, tiny_gguf):
        model = "smollm2" if request.param == "smollm2" else str(tiny_gguf)
        return lambda: TorchBackend(TorchOptions(model=model))


class TestModelWithBos(BackendSuite):
    """As LLaMA 3 has it: a token in front of every text, read once; a response may stand right behind it."""

    tolerance = 1e-4

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls, tiny):
        return lambda: TorchBackend(TorchOptions(model=str(tiny("llama-with-bos"))))

    def test_a_bos_stands_in_front_once(self, backend):
        assert backend.describe().bos
        assert backend.bos not in backend.tokenize("a text")
        before = backend.tokens_evaluated
        backend.score("", [Target("ab", "c"), Target("ac", "d")])
        assert backend.tokens_evaluated - before == len(["<bos>", "a", "b", "c"])


@pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
class TestTinyModel(BackendSuite):
    tolerance = 1e-4

    @pytest.fixture(scope="class", params=["branches", "masked", "flex", "padded", "plain"])
    @classmethod
    def make_backend(cls, request, tiny):
        return lambda: TorchBackend(TorchOptions(model=str(tiny("llama")), attention=request.param))

    def test_the_context_is_read_once_for_all_targets(self, backend):
        if backend.describe().settings["attention"] in ("padded", "plain"):
            pytest.skip("nothing is shared in this form")
        super().test_the_context_is_read_once_for_all_targets(backend)
