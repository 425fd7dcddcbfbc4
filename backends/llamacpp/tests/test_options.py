"""An option that this build of llama.cpp cannot follow is refused, not passed over."""

import pytest

from icon.errors import UserError
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.library import library
from icon_llamacpp.options import LlamaCppOptions
from support import tiny_model


def test_layers_on_a_gpu_are_refused_where_the_build_has_none():
    if library().api.llama_supports_gpu_offload():
        pytest.skip("this build of llama.cpp has a GPU")
    options = {"model": str(tiny_model.gguf_file()), "precision": "as-is"}
    with pytest.raises(UserError, match=r"gpu_layers=4: .* built without a GPU; valid: 0 or -1"):
        LlamaCppBackend(LlamaCppOptions(**options, gpu_layers=4))
    LlamaCppBackend(LlamaCppOptions(**options, gpu_layers=0)).close()
