"""The torch backend keeps the contract of every backend, with the embedded model and whatever its attention is."""

import pytest

from icon.testing import BackendSuite
from icon_torch.backend import TorchBackend
from icon_torch.options import TorchOptions


@pytest.mark.model
class TestEmbeddedModel(BackendSuite):
    tolerance = 1e-4

    @pytest.fixture(scope="class")
    @classmethod
    def make_backend(cls):
        return lambda: TorchBackend(TorchOptions())


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
