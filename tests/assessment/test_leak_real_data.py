"""The leak guard on real data: planted copies are found among thousands of rows, and hardly anything else."""

from dataclasses import replace

from icon.assessment._near_duplicates import question
from icon.assessment.leak import find_leaks
from icon.samples import load_samples
from icon.types import Message


def test_planted_copies_are_found_among_thousands(shared_data):
    tasks = load_samples(str(shared_data / "assessment_1020.jsonl")).samples
    pool = load_samples(str(shared_data / "alpaca_4000.jsonl")).samples
    shouted = [replace(task, id=f"copy{i}", response=task.response.upper() + "!") for i, task in enumerate(tasks[:50])]
    long = [task for task in tasks if len(task.text.split()) > 200][:50]
    touched = [
        replace(task, id=f"near{i}", messages=(Message("user", f"Please read: {question(task)}"),), rendered=False)
        for i, task in enumerate(long)
    ]
    leaks = find_leaks(tasks, [*pool, *shouted, *touched])
    planted = {leak.pool_id: leak.kind for leak in leaks if leak.pool_id.startswith(("copy", "near"))}
    assert len(planted) == 100
    assert {kind for id_, kind in planted.items() if id_.startswith("copy")} == {"exact"}
    assert len(leaks) == 100


def test_alpaca_is_not_its_own_near_duplicate(shared_data):
    pool = load_samples(str(shared_data / "alpaca_4000.jsonl")).samples
    leaks = find_leaks(pool[:1000], pool[1000:])
    assert leaks == []
