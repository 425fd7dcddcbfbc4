"""`hub`: the Parquet folder with its card, pushed to a data set on the hub."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from icon.errors import ConfigError, RunError
from icon.exporting.job import Format, Job
from icon.exporting.parquet import write_parquet

NAME = re.compile(r"[\w.-]+/[\w.-]+")


def write(job: Job) -> int:
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
    job.following.append(f"load_dataset({job.repo!r}, split='train')")
    return count


def _token() -> str:
    from huggingface_hub import constants, get_token

    if constants.is_offline_mode():
        raise ConfigError("--to hub: the hub is switched off (HF_HUB_OFFLINE is set); unset it to push")
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


FORMAT = Format("hub", "the records and their card, pushed to --repo owner/name", write, takes=("repo", "private"))
