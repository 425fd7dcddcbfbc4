"""A precision hangs on the kind of file alone: what this machine lacks just now is an error."""

import os
import sys
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pytest

from icon.errors import BackendError
from icon_llamacpp.convert import UnconvertibleError
from icon_llamacpp.library import library
from icon_llamacpp.requantise import choose

pytestmark = pytest.mark.model


class Failing:
    """llama.cpp where it converts nothing and says why."""

    def __init__(self, said):
        self.said = said
        self.api = SimpleNamespace(
            llama_model_quantize_default_params=library().api.llama_model_quantize_default_params,
            llama_model_quantize=lambda *_: 1,
        )

    def forget_errors(self):
        pass

    def last_errors(self):
        return f"llama.cpp said: llama_model_quantize: {self.said}" if self.said else "llama.cpp gave no reason"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("failed to quantize: std::bad_alloc", "when this machine has more memory free"),
        ("failed to quantize: mmap failed: Cannot allocate memory", "when this machine has more memory free"),
        ("failed to quantize: failed to open model.gguf: Too many open files", "try again, or"),
        ("failed to quantize: read error: Input/output error", "try again, or"),
        ("failed to quantize: read error: Invalid argument", "try again, or"),
        ("failed to quantize: failed to load model from {path}", "try again, or"),
        ("", "try again, or"),  # no reason at all
    ],
)
def test_what_this_machine_lacks_is_an_error_and_never_another_precision(
    empty_cache, setup, tmp_path, monkeypatch, said, advice
):
    """Where memory was short, a run ended with exit 0 and Q4_1, and was recorded so."""
    place = tmp_path / "unknown and invalid" / setup.path.name  # words of the path are no reason
    place.parent.mkdir()
    place.write_bytes(setup.path.read_bytes())
    monkeypatch.setattr("icon_llamacpp.convert.library", lambda: Failing(said.format(path=place)))
    with pytest.raises(BackendError, match=rf"cannot convert .*{advice}.*-o backend.precision=as-is"):
        choose(replace(setup, path=place), "auto")


@pytest.mark.parametrize(
    "said",
    [
        "failed to quantize: unknown model architecture: 'new'",
        "failed to quantize: type iq1_x unsupported for integer quantization: no dequantization available in {path}",
    ],
)
def test_only_a_kind_of_file_lets_auto_evaluate_it_as_it_is(empty_cache, setup, tmp_path, monkeypatch, said):
    place = tmp_path / "memory" / setup.path.name
    place.parent.mkdir()
    place.write_bytes(setup.path.read_bytes())
    said = said.format(path=place)
    monkeypatch.setattr("icon_llamacpp.convert.library", lambda: Failing(said))
    why = f"cannot convert {place.name} to f32: llama.cpp said: llama_model_quantize: {said}"
    assert choose(replace(setup, path=place), "auto").note == f"evaluated as it is, which is less exact: {why}"


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on open files, as /proc lists them")
@pytest.mark.parametrize("left", [0, 1])
def test_a_process_that_can_open_no_more_files_says_so(empty_cache, setup, monkeypatch, left):
    """llama.cpp itself: with none left it cannot read the source, with one it cannot write the target."""
    import resource

    convert_now, limits = library().api.llama_model_quantize, resource.getrlimit(resource.RLIMIT_NOFILE)

    def without_files(*arguments):
        taken = []
        resource.setrlimit(resource.RLIMIT_NOFILE, (512, limits[1]))
        try:
            with suppress(OSError):
                while True:
                    taken.append(os.open(os.devnull, os.O_RDONLY))
            for _ in range(left):
                os.close(taken.pop())
            return convert_now(*arguments)
        finally:
            for each in taken:
                os.close(each)
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)

    monkeypatch.setattr(library().api, "llama_model_quantize", without_files)
    with pytest.raises(BackendError, match="cannot convert") as caught:
        choose(setup, "auto")
    assert not isinstance(caught.value, UnconvertibleError)
    assert sorted(path.name for path in empty_cache.iterdir()) == ["notes.json"]
