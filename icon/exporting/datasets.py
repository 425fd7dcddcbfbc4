"""`datasets`: a folder that `datasets.load_from_disk` opens, and a card that says how its records were chosen."""

from __future__ import annotations

from icon.exporting.card import write_card
from icon.exporting.columns import data_set, save
from icon.exporting.job import Format, Job
from icon.exporting.staging import staged


def write(job: Job) -> int:
    """The records with their own columns, README.md, and the settings that replay the run."""
    folder = job.folder(f"{job.name}-datasets")
    found = data_set(job)
    with staged(folder) as place:
        save(found, place)
        write_card(job, place, len(found))
    job.files += [str(folder), str(folder / "README.md")]
    job.following.append(f"datasets.load_from_disk({str(folder)!r})")
    return len(found)


FORMAT = Format("datasets", "a folder for datasets.load_from_disk, with a card", write)
