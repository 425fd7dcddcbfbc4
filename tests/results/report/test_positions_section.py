"""The section on where the gain sits: its words and numbers, and none where nothing is compared."""

import json

import icon
from icon.results.report._positions import section_text
from icon.runs.outcome import ClassGain, Positions
from icon.testing import FakeBackend


def found(**changes):
    classes = {
        "first": ClassGain(gain=5.0, share=0.75, variance_share=0.6),
        "second": ClassGain(gain=-1.0, share=0.15, variance_share=-0.1),
        "rest": ClassGain(gain=2 / 3, share=0.1, variance_share=0.5),
    }
    known = {"pairs": 1200, "skipped": 0, "bare_first": 14.25, "rest_rank": -0.25} | classes
    return Positions(**(known | changes))


def test_lines_have_gain_and_both_shares():
    lines = [(line.name, line.gain, line.share, line.variance) for line in section_text(found()).lines]
    assert lines == [
        ("First token", "+5.00", "75%", "60%"),
        ("Second token", "\u22121.00", "15%", "\u221210%"),
        ("All later tokens", "+0.67", "10%", "50%"),
    ]
    assert "demonstration teaches" not in " ".join(section_text(found(), of_prompts=True).paragraphs)
    text = " ".join(section_text(found()).paragraphs)
    assert "1,200 pairs" in text
    assert "the first token costs 14.2 nats" in text
    assert "rank correlation of \u22120.25 with the whole" in text


def test_what_does_not_count_says_so():
    nothing = ClassGain(gain=5.0, share=None, variance_share=None)
    section = section_text(found(skipped=1, first=nothing))
    assert [line.share for line in section.lines] == ["does not count", "15%", "10%"]
    assert "count in no score of this run: 1." in section.paragraphs[-1]
    assert section_text(found(first=nothing)).lines[0].share == "not defined"


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def test_a_page_has_the_section_where_two_passes_are_compared(tmp_path):
    pool = write(tmp_path / "pool.jsonl", [{"instruction": f"question {i}", "output": f"answer {i}"} for i in range(6)])
    tasks = write(tmp_path / "tasks.jsonl", [{"instruction": f"task {i}", "output": "done"} for i in range(4)])
    for scorer, shown in (("icon", True), ("length", False)):
        run = icon.run(pool, scorer=scorer, assessment=tasks, backend=FakeBackend(), out=tmp_path / scorer)
        text = (run.path / "report.html").read_text()
        assert ('<section id="positions"' in text) == shown
