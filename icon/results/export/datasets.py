"""`datasets`, `parquet`, `hub`: the records with their own columns and a card, in a folder or pushed to the hub."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from icon import network
from icon.errors import ConfigError, InputError, RunError
from icon.results.export._card import write_card
from icon.results.export._columns import data_set, save, table, without_feature
from icon.results.export._job import Format, Job
from icon.results.export._staging import staged

DATA = Path("data/train-00000-of-00001.parquet")
"""Where the hub looks for the split `train`."""

NAME = re.compile(r"[\w.-]+/[\w.-]+")


def write_datasets(job: Job) -> int:
    """The records with their own columns, README.md, and the settings that replay the run."""
    folder = job.folder(f"{job.name}-datasets")
    found = data_set(job)
    with staged(folder, force=job.force) as place:
        save(found, place)
        write_card(job, place, len(found))
    job.files += [str(folder), str(folder / "README.md")]
    job.following.append(f"datasets.load_from_disk({str(folder)!r})")
    return len(found)


DATASETS = Format("datasets", "a folder for datasets.load_from_disk, with a card", write_datasets)


def write_folder(job: Job) -> int:
    """A folder as the hub has it: `data/train-...parquet`, README.md, and the settings that replay the run."""
    folder = job.folder(f"{job.name}-parquet")
    with staged(folder, force=job.force) as place:
        count = write_parquet(job, place)
    job.files += [str(folder / DATA), str(folder / "README.md")]
    readable = f"load_dataset({str(folder)!r}, split='train')"
    job.following.append(f"pandas.read_parquet({str(folder / DATA)!r})" if job.notes else readable)
    return count


def write_parquet(job: Job, folder: Path) -> int:
    """Fill a folder with the records, their types as in the pool; gives their number.

    A note names the columns whose types `datasets` does not read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = table(job)
    path = folder / DATA
    path.parent.mkdir(parents=True)
    try:
        pq.write_table(found, path)
    except pa.ArrowException as error:
        raise InputError(
            f"--to parquet: the records cannot be written as Parquet ({error}); valid: a format of lines, such as own"
        ) from None
    for field in without_feature(found):
        job.notes.append(
            f"field {field.name!r}: keeps its type {field.type}, which `datasets` does not read (pandas does); "
            "--to datasets writes a form that it reads"
        )
    write_card(job, folder, found.num_rows, data_file=str(DATA))
    return int(found.num_rows)


PARQUET = Format("parquet", "the records as Parquet, with a card that says how they were chosen", write_folder)


def push(job: Job) -> int:
    """Make the repository and push one commit with the data, the card and the settings.

    Raises:
        ConfigError: The name is no owner/name, nobody is logged in, or the repository exists and --force was not given.
        RunError: The hub cannot be reached, or refuses.
    """
    if not job.repo or not NAME.fullmatch(job.repo):
        found = repr(job.repo) if job.repo else "nothing"
        raise ConfigError(f"--repo: found {found}; valid: owner/name of the data set to push to")
    token = _token()
    with TemporaryDirectory(prefix="icon-hub-") as place:
        count = write_parquet(job, Path(place))
        url = _push(job, Path(place), token)
    job.files.append(url)
    if not job.notes:  # else it has columns that `datasets` does not read
        job.following.append(f"load_dataset({job.repo!r}, split='train')")
    return count


def _token() -> str:
    from huggingface_hub import constants, get_token

    network.refuse("--to hub")
    if constants.is_offline_mode():
        variable = network.switched_off() or "HF_HUB_OFFLINE"
        raise ConfigError(f"--to hub: the hub is switched off ({variable} is set); unset it to push")
    token = get_token()
    if not token:
        raise ConfigError("--to hub: nobody is logged in; valid: `hf auth login`, or a token in HF_TOKEN")
    return token


def _push(job: Job, folder: Path, token: str) -> str:
    """Push the folder; gives the address of the data set."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError  # type: ignore[attr-defined,unused-ignore]

    assert job.repo is not None
    api, name = HfApi(token=token), job.repo
    try:
        url = api.create_repo(name, repo_type="dataset", private=job.private, exist_ok=job.force)
        if job.private and not api.repo_info(name, repo_type="dataset").private:
            raise ConfigError(
                f"--private: {name} exists and is public, and a push does not change that; make it private first, or "
                "push to another --repo"
            )
        api.upload_folder(
            repo_id=name, repo_type="dataset", folder_path=folder, commit_message="Data selected with icon"
        )
    except HFValidationError as error:
        raise ConfigError(f"--repo {name}: {_first_line(error)}") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else None
        if status == 409:
            raise ConfigError(f"--repo {name}: exists already; to push a new commit to it: --force") from None
        raise RunError(f"--repo {name}: the hub refuses it: {_first_line(error)}") from None
    except ValueError as error:  # an answer, or a card, that makes no sense
        raise RunError(f"--repo {name}: the push failed at {api.endpoint}: {_first_line(error)}") from None
    except (HTTPError, OSError) as error:
        raise RunError(
            f"--repo {name}: the hub cannot be reached at {api.endpoint} ({_first_line(error)}); "
            "export with --to parquet and push that folder from a machine with a network"
        ) from None
    return str(url)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


HUB = Format("hub", "the records and their card, pushed to --repo owner/name", push, takes=("repo", "private"))
