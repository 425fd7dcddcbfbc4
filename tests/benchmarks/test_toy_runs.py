"""The torch benchmarks run to the end on a tiny model, and their tables are complete."""

import importlib.util
import json
import math

import pytest

pytestmark = pytest.mark.slow

HARNESS = importlib.util.find_spec("lm_eval") is not None


@pytest.fixture(autouse=True)
def _one_thread():
    """The benchmarks set torch's threads, and a toy is fastest with one; what torch had comes back."""
    torch = pytest.importorskip("torch", reason="the backend torch is not installed")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def toy(run_script, tmp_path, monkeypatch):
    """Gives the written tables, which are those printed, and the JSON."""
    monkeypatch.setenv("ICON_CACHE", str(tmp_path / "cache"))

    def _toy(script, *words):
        done = run_script(script, "--toy", *words, "--out", tmp_path / "found.json")
        assert done.returncode == 0, done.stderr
        written = (tmp_path / "found.md").read_text("utf-8")
        assert written.strip() in done.stdout
        return written, json.loads((tmp_path / "found.json").read_text("utf-8"))

    return _toy


def test_the_cpu_benchmark_shows_every_way_and_every_figure(toy):
    text, found = toy("benchmarks/bench_torch.py")
    harness = [f"HFLM, batches of {size}" for size in (1, 4, 8, 16)] if HARNESS else []
    ways = ["plain prefill", "shared context", "one at a time", *harness]
    assert [each["what"] for each in found["times"]] == ways
    assert all(f"| demo | {way} |" in text for way in ways)
    assert HARNESS or "lm_eval is not installed" in text
    figures = {each["what"]: each["value"] for each in found["figures"]}
    assert all(f"| demo | {what} |" in text for what in figures)
    ratios = [name for name in figures if "difference" not in name]
    differences = [name for name in figures if "difference" in name]
    assert len(ratios) == 4 + HARNESS
    assert len(differences) == 1 + HARNESS
    assert all(math.isfinite(figures[name]) and figures[name] > 0 for name in ratios)
    assert all(figures[name] < 1e-3 for name in differences)
    tokens = {each["what"]: each["tokens"] for each in found["times"]}
    expected = tokens["one at a time"] / tokens["shared context"]
    assert figures["what the token count alone gives"] == pytest.approx(expected)
    assert expected > 1


def test_the_table_of_engines_shows_every_way_and_its_figures_follow_from_the_seconds(toy):
    text, found = toy("benchmarks/bench_engines.py", "--targets", "3", "--batch-sizes", "2")
    harness = ["lm-evaluation-harness, demonstration alone, batches of 2"] * HARNESS
    assert [row["what"] for row in found["rows"]] == [
        "plain prefill",
        "shared context",
        "shared context, with its share of the bank",
        "one at a time, demonstration alone",
        *harness,
        "as the authors, demonstration and noise",
    ]
    assert all(f"| torch | {row['what']} |" in text for row in found["rows"])
    rows, seconds = {row["what"]: row for row in found["rows"]}, found["seconds"]["torch"]
    shared, banked = rows["shared context"], rows["shared context, with its share of the bank"]
    authors = "as the authors, demonstration and noise"
    ratios = [slow / fast for slow, fast in zip(seconds[authors], seconds["shared context"], strict=True)]
    extra = banked["seconds_per_pair"] / shared["seconds_per_pair"]
    assert 1.05 < extra < 1.5  # at most four lengths of the bank, two draws each, for 40 candidates
    assert banked["times_authors"] == pytest.approx(sorted(ratios)[1] / extra)
    assert rows[authors]["times_authors"] == 1
    assert rows[authors]["tokens_per_pair"] > 1.5 * rows["one at a time, demonstration alone"]["tokens_per_pair"]
    assert found["apart"]["torch"] < 1e-4


def test_the_page_of_a_gpu_has_every_form_and_every_figure(toy):
    text, found = toy("gpu/bench_llama8b.py", "--contexts", 2)
    assert "product of two 256 x 256 matrices" in text
    assert list(found["prefill"]) == ["128", "256"]
    forms = [["flex", 128, False], ["flex", 256, False], ["masked", 128, False], ["masked", 256, False]]
    assert [each["asked"] for each in found["variants"]] == forms
    assert len(found["contexts"]) == 2
    for each in [found["users"], *found["contexts"], *found["variants"]]:
        assert "refused" not in each
        assert each["mean"] <= each["largest"] < 1e-3
        for name in ("tokens_per_second", "of_prefill", "tflops", "mfu", "ratio", "by_token_count", "reached"):
            assert math.isfinite(each[name])
            assert each[name] > 0
        assert each["of_prefill"] == pytest.approx(each["tokens_per_second"] / max(found["prefill"].values()))
        assert each["attention"] == each.get("asked", ["branches"])[0]
    assert all(f"| plain prefill of {length} |" in text for length in (128, 256))
    assert "| the backend as it is | branches, 1,024 |" in text
    assert all(f"| one form and pack size | {form}, {size} |" in text for form, size, _ in forms)
    assert all(len(line.split(" | ")) == 13 for line in text.splitlines() if line.startswith("| "))
    assert "llama.cpp was not measured: with --toy it is only for a small file given by --gguf" in text


def test_without_a_gpu_the_gpu_benchmark_says_so(run_script, tmp_path, monkeypatch):
    import torch

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    if torch.cuda.is_available():
        pytest.skip("this process uses its GPU already, and cannot be without one any more")
    done = run_script("gpu/bench_llama8b.py", "--out", tmp_path / "none.json")
    assert done.returncode == 2
    assert "--toy" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "none.json").exists()


def test_the_benchmark_of_gradients_shows_every_way_and_what_the_projection_costs(toy):
    pytest.importorskip("icon_less", reason="icon-less is not installed")
    text, found = toy("benchmarks/bench_less.py")
    assert [each["what"] for each in found["figures"]] == [
        "rank 128, projected to 8,192 (the default)",
        "rank 128, whole gradient",
        "rank 8, projected to 8,192",
    ]
    default, whole, _ = found["figures"]
    assert all(each[name] > 0 for each in found["figures"] for name in ("per_task", "own", "forward", "times_a_pass"))
    assert (whole["off"], whole["spearman"]) == (0, pytest.approx(1))
    assert 0 < default["off"] < 4 / 8192**0.5
    assert "20 candidates" in text


def test_the_planted_choices_are_compared_with_the_same_draws(toy):
    text, found = toy("benchmarks/bench_planted.py", "--pool", "40", "--kept", "6", "--judge", "16")
    assert list(found) == ["sound", "any", "spoilt"]
    draws = [each["draws"] for each in found.values()]
    assert draws[0] == draws[1] == draws[2]
    losses = {name: sum(one["draws"].values()) / 2 - one["difference"] for name, one in found.items()}
    assert len(set(losses.values())) == 3
    assert all(f"| {name} records" in text for name in ("sound", "any", "spoilt"))
