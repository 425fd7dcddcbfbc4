"""The tables of docs/scaling.md: what the script computes stands in the page, and the arithmetic is as by hand."""

import pytest


@pytest.fixture(scope="module")
def printed(run_script):
    done = run_script("benchmarks/bench_scaling.py")
    assert done.returncode == 0, done.stderr
    return done.stdout


def cells(printed, first):
    """The cells of the first row that begins so."""
    line = next(line for line in printed.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_has_the_tables_that_the_script_computes(printed, request):
    page = (request.config.rootpath / "docs" / "scaling.md").read_text("utf-8")
    tables = [block for block in printed.split("\n\n") if block.startswith("|")]
    assert len(tables) == 4
    assert [table for table in tables if table not in page] == []


def test_a_million_rows_by_hand(printed):
    # 2% are 20,000; 20,000 x 128 x 0.59 pairs; 20,000 x (100.7 + 128 x 79.1) x 0.68 tokens; a part is cut to 5,000 as
    # if every sample were read twice: 20,000 x (100.7 + 256 x 79.1) x 0.68 / 5,000
    assert cells(printed, "1 million")[1:5] == ["20k", "1.5M", "139M", "55k"]


def test_a_model_of_8_billion_weights_by_hand(printed):
    # 2e14 / (2 x 8e9) = 12,500 tokens per second; a part has 2,512 of them, 0.201 s; the driver takes 0.0025 s of its
    # processor and 0.019 s of its disk for it: 80 and 10.6 GPUs, so 95 times as large for 1,000; 16 GB at 2 GB/s
    assert cells(printed, "8B")[1:7] == ["12k", "0.20", "80", "11", "95", "8.0"]
