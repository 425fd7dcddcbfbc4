"""`parquet`: the records with their own columns, and a card that says how they were chosen."""

from __future__ import annotations

from pathlib import Path

from icon.errors import InputError
from icon.exporting.card import write_card
from icon.exporting.columns import data_set
from icon.exporting.job import Format, Job
from icon.exporting.staging import staged

DATA = Path("data/train-00000-of-00001.parquet")
"""Where the hub looks for the split `train`."""


def write(job: Job) -> int:
    """A folder as the hub has it: `data/train-...parquet`, README.md, and the settings that replay the run."""
    folder = job.folder(f"{job.name}-parquet")
    with staged(folder) as place:
        count = write_parquet(job, place)
    job.files += [str(folder / DATA), str(folder / "README.md")]
    job.following.append(f"load_dataset({str(folder)!r}, split='train')")
    return count


def write_parquet(job: Job, folder: Path) -> int:
    """Fill a folder; gives the number of records."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = data_set(job)
    path = folder / DATA
    path.parent.mkdir(parents=True)
    try:
        pq.write_table(found.with_format("arrow")[:], path)
    except pa.ArrowException as error:
        raise InputError(
            f"--to parquet: the records cannot be written as Parquet ({error}); valid: a format of lines, such as own"
        ) from None
    write_card(job, folder, len(found), data_file=str(DATA))
    return len(found)


FORMAT = Format("parquet", "the records as Parquet, with a card that says how they were chosen", write)
