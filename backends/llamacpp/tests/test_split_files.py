"""A GGUF model in several files is one model: all of them decide its numbers, digest, size and conversion."""

from hashlib import sha256
from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from icon.errors import BackendError, ModelNameError
from icon.inference import model_files, weights_digest, weights_size
from icon.types import Target
from icon_llamacpp import requantise
from icon_llamacpp.backend import LlamaCppBackend
from icon_llamacpp.options import LlamaCppOptions
from support import gguf_files, tiny_model
from support.tiers import of_tier

pytestmark = pytest.mark.model

TARGET = Target("a: b", " c and c")


def load(model, precision="as-is"):
    return LlamaCppBackend(LlamaCppOptions(model=str(model), precision=precision))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The tiny model in four files."""
    return gguf_files.split(tiny_model.gguf_file(), tmp_path_factory.mktemp("parts"), per_part=5)


@pytest.fixture(scope="module")
def other(tmp_path_factory, parts):
    """Another model of the same shape, whose first file is that of the tiny one."""
    folder = tmp_path_factory.mktemp("other")
    made = gguf_files.split(tiny_model.write_gguf(folder / "tiny.gguf", seed=1), folder, per_part=5)
    made[0].write_bytes(parts[0].read_bytes())
    return made


def by_llama_cpp(path):
    """Log-probabilities of the target's response by llama-cpp-python's own class."""
    model = llama_cpp.Llama(str(path), n_ctx=256, logits_all=True, verbose=False)
    prompt, response = (
        model.tokenize(text.encode(), add_bos=False, special=False) for text in (TARGET.prompt, TARGET.response)
    )
    model.eval(prompt + response)
    logits = np.array(model.scores[: model.n_tokens], dtype=np.float64)
    logprobs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    return [logprobs[len(prompt) + n - 1, token] for n, token in enumerate(response)]


def test_the_whole_model_is_read_and_is_not_that_of_another_with_the_same_first_file(parts, other):
    assert parts[0].read_bytes() == other[0].read_bytes()
    for files in (parts, other):
        expected = by_llama_cpp(files[0])
        for precision in ("as-is", "f32", "f16"):
            with load(files[0], precision) as backend:
                assert backend.score("", [TARGET])[0].logprobs == pytest.approx(expected, abs=0.02), precision
    assert by_llama_cpp(parts[0]) != pytest.approx(by_llama_cpp(other[0]), abs=0.1)


@pytest.mark.parametrize("model", of_tier(["tiny"], ["tiny", "smollm2"]))
def test_a_quantised_model_in_parts_is_converted_whole(tmp_path, model):
    tiny = model == "tiny"
    source = tiny_model.quantised_file() if tiny else model_files.embedded("icon-llamacpp", "backends/llamacpp")
    first, *_ = gguf_files.split(source, tmp_path / "parts", per_part=5 if tiny else 90)
    with load(first, "f16") as backend, load(source, "f16") as whole:
        assert backend.score("A context.", [TARGET]) == whole.score("A context.", [TARGET])


def test_every_file_counts_in_the_digest(parts, other, tmp_path):
    with load(parts[0]) as one, load(other[0]) as two:
        digests = {one.describe().digest, two.describe().digest}
        assert one.describe().settings["source_digest"] == one.describe().digest
    assert len(digests) == 2
    lines = "".join(f"{sha256(part.read_bytes()).hexdigest()}\n" for part in parts)
    assert weights_digest(parts[0]) == sha256(lines.encode()).hexdigest()


def test_the_digest_of_a_single_file_is_that_of_its_bytes(tiny_gguf):
    assert weights_digest(tiny_gguf) == sha256(tiny_gguf.read_bytes()).hexdigest()


def test_the_size_that_auto_looks_at_is_that_of_all_files(tmp_path, monkeypatch):
    first, *others = gguf_files.split(tiny_model.quantised_file(), tmp_path, per_part=5)
    assert weights_size(first) == sum(path.stat().st_size for path in (first, *others))
    monkeypatch.setattr(requantise, "RULE", (("f32", weights_size(first) - 1),))
    with load(first, "auto") as backend:
        assert backend.describe().precision == "Q4_1"


def test_each_file_that_is_dropped_is_named(parts, tmp_path):
    for dropped in parts[1:]:
        folder = tmp_path / dropped.stem
        folder.mkdir()
        for part in parts:
            if part != dropped:
                (folder / part.name).write_bytes(part.read_bytes())
        with pytest.raises(ModelNameError, match=f"is in 4 files, of which these are missing in .*: {dropped.name}"):
            load(folder / parts[0].name)
    with pytest.raises(ModelNameError, match=f"part 3 of 4; name the first part.*{parts[0].name}"):
        load(parts[2])


def test_parts_that_are_not_of_one_model_are_refused(parts, tmp_path):
    copies = [tmp_path / part.name for part in parts]
    for part, copy in zip(parts, copies, strict=True):
        copy.write_bytes(part.read_bytes())
    copies[1].write_bytes(parts[2].read_bytes())
    with pytest.raises(ModelNameError, match=r"00002-of-00004\.gguf says that it is part 3 of 4, not part 2 of 4"):
        load(copies[0])
    fewer = gguf_files.without(tiny_model.gguf_file(), tmp_path / "fewer.gguf", "blk.0.ffn_up.weight")
    short = gguf_files.split(fewer, tmp_path / "short", per_part=5)
    copies[1].write_bytes(short[1].read_bytes())
    with pytest.raises(ModelNameError, match="4 files have 20 tensors, 19 of them of different names"):
        load(copies[0])


@pytest.mark.parametrize("dropped", ["blk.1.ffn_down.weight", "output_norm.weight", "token_embd.weight"])
def test_llama_cpp_names_a_tensor_that_is_missing(tiny_gguf, tmp_path, dropped):
    with pytest.raises(BackendError, match=f"tensor '{dropped}' not found"):
        load(gguf_files.without(tiny_gguf, tmp_path / "lacking.gguf", dropped))


def test_llama_cpp_refuses_a_tensor_of_another_shape_or_without_a_place(tiny_gguf, tmp_path):
    name, more = "output_norm.weight", {"output_norm.weight": np.ones(7, "f4")}
    with pytest.raises(BackendError, match=f"tensor '{name}' has wrong shape"):
        load(gguf_files.without(tiny_gguf, tmp_path / "misshapen.gguf", name, more=more))
    with pytest.raises(BackendError, match="wrong number of tensors"):
        load(
            gguf_files.without(tiny_gguf, tmp_path / "more.gguf", None, more={"blk.2.ffn_up.weight": np.ones(7, "f4")})
        )


def test_a_part_that_is_cut_off_is_refused(parts, tmp_path):
    copies = [tmp_path / part.name for part in parts]
    for part, copy in zip(parts, copies, strict=True):
        copy.write_bytes(part.read_bytes())
    copies[1].write_bytes(copies[1].read_bytes()[:-400])
    with pytest.raises(BackendError, match="corrupted or incomplete"):
        load(copies[0])


def test_a_whole_model_with_the_name_of_a_part_is_whole(tiny_gguf, tmp_path):
    named = tmp_path / "model-00001-of-00003.gguf"
    named.write_bytes(tiny_gguf.read_bytes())
    with load(named) as backend, load(tiny_gguf) as usual:
        assert backend.score("", [TARGET]) == usual.score("", [TARGET])


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub with files of the test, at one commit; gives what was asked for."""
    commit, asked = "0123456789abcdef0123456789abcdef01234567", []

    def make(files):
        snapshot = tmp_path / "hub" / "models--some--model" / "snapshots" / commit

        def download(repo, name, *, revision=None):
            asked.append((name, revision))
            place = snapshot / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(files[name].read_bytes())
            return str(place)

        monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
        return asked, commit

    return make


def test_every_file_of_a_split_model_is_fetched_from_the_hub_at_one_commit(parts, hub):
    names = [f"f32/{part.name}" for part in parts]
    asked, commit = hub(dict(zip(names, parts, strict=True)))
    first = model_files.hub_file("some/model", names[0])
    assert asked == [(names[0], None), *((name, commit) for name in names[1:])]
    assert weights_digest(Path(first)) == weights_digest(parts[0])


def test_of_a_later_part_on_the_hub_the_first_is_named_and_nothing_else_fetched(parts, hub):
    asked, _ = hub({part.name: part for part in parts})
    with pytest.raises(ModelNameError, match=f"part 2 of 4; name the first part.*some/model/{parts[0].name}"):
        model_files.hub_file("some/model", parts[1].name)
    assert len(asked) == 1
