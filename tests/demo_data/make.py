"""Makes the embedded demo's two files from the hand-written records beside this script: python tests/demo_data/make.py.

The design, fixed before anything was scored:

- The tasks are three kinds of school questions (sums, odd words, right words), answered in the form of a worksheet,
  "Answer: ... Why: ...".
- 24 records of the pool, 8 of each kind, teach them: other questions of the same kinds in the same form.
- 42 sound records are of 14 other kinds, 3 of each; 24 are weak, 6 of each of four weaknesses, and teach nothing.
- The answers that teach are about as long as the other sound ones, so that length alone cannot find them.

Which of the hand-written records are taken, and their order, is drawn with seed 0.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "icon" / "samples" / "demo"
SEED = 0
PER_KIND, PER_WEAKNESS = 3, 6

Record = dict[str, str]


def read(name: str) -> list[Record]:
    """The records of a file beside this script, in its order."""
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def drawn(records: list[Record], field: str, n: int, draw: random.Random) -> list[Record]:
    """`n` records of each value of a field."""
    values = sorted({record[field] for record in records})
    return [one for value in values for one in draw.sample([each for each in records if each[field] == value], n)]


def pool() -> list[Record]:
    """The demo pool: records that teach the tasks, other sound ones, and weak ones, shuffled."""
    draw = random.Random(SEED)
    sound = drawn(read("sound.jsonl"), "kind", PER_KIND, draw)
    weak = drawn(read("weak.jsonl"), "planted", PER_WEAKNESS, draw)
    records = [{**record, "planted": "+tasks"} for record in read("taught.jsonl")]
    records += [{"planted": "", **record} for record in (*sound, *weak)]
    draw.shuffle(records)
    order = ("instruction", "input", "output", "kind", "planted")
    return [{field: record[field] for field in order} for record in records]


def lines(records: list[Record]) -> str:
    """The records as JSON Lines."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def main() -> None:
    """Write both files into the package."""
    (DEMO / "demo_pool.jsonl").write_text(lines(pool()), encoding="utf-8", newline="\n")
    (DEMO / "demo_assessment.jsonl").write_text(lines(read("tasks.jsonl")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
