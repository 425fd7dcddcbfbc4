"""GGUF models in several files: which files one is made of, and the digest and the size of them all.

A part says in its metadata that it is one of several (`split.count`), and its name says which: `-00001-of-00003.gguf`,
as llama.cpp writes and wants it. The metadata decides: a whole model may have such a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from icon.errors import ModelNameError
from icon.inference import cache
from icon.inference.gguf_header import read_header

PART_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf")
"""How llama.cpp names the parts of a model."""

NUMBER, COUNT, TENSORS = "split.no", "split.count", "split.tensors.count"
"""Keys of the metadata of a part: its number from 0, how many parts there are, and how many tensors in all of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file's place among the parts of a model: its number, from 1, and how many there are."""

    number: int = 1
    count: int = 1


def shards(path: Path) -> tuple[Path, ...]:
    """All files of the GGUF model of which the path is the first, in order.

    Raises:
        ModelNameError: It is another than the first part, or its other parts are missing, or they are not its parts.
    """
    place = place_of(path)
    if place.count == 1:
        return (path,)
    parts = tuple(path.with_name(name) for name in part_names(path.name, place))
    refuse_later_part(str(path), place, str(parts[0]))
    if missing := [part.name for part in parts if not part.is_file()]:
        raise ModelNameError(
            f"model {str(path)!r} is in {place.count} files, of which these are missing in {path.parent}: "
            f"{', '.join(missing)}; valid: all of them in one folder"
        )
    for number, part in enumerate(parts, start=1):
        if (found := place_of(part)) != Place(number, place.count):
            raise ModelNameError(
                f"model {str(path)!r}: {part.name} says that it is part {found.number} of {found.count}, not part "
                f"{number} of {place.count}; valid: the parts as they were split, under their own names"
            )
    _check_tensors(path, parts)
    return parts


def _check_tensors(path: Path, parts: Sequence[Path]) -> None:
    """Refuse parts that together have more or fewer tensors than the first one says, or one of them twice.

    Raises:
        ModelNameError: They have.
    """
    headers = [read_header(part) for part in parts]
    names = [tensor.name for header in headers for tensor in header.tensors]
    expected = headers[0].numbers.get(TENSORS, len(names))
    if len(names) != expected or len(set(names)) != len(names):
        raise ModelNameError(
            f"model {str(path)!r}: its {len(parts)} files have {len(names)} tensors, {len(set(names))} of them of "
            f"different names, and the first one says {int(expected)}; valid: the parts of one model as they were split"
        )


def refuse_later_part(model: str, place: Place, first: str) -> None:
    """Refuse a part other than the first, which llama.cpp cannot begin with.

    Raises:
        ModelNameError: It is another.
    """
    if place.number != 1:
        raise ModelNameError(
            f"model {model!r} is part {place.number} of {place.count}; name the first part, and the others are found "
            f"beside it: {first}"
        )


def part_names(name: str, place: Place) -> list[str]:
    """Names of all parts of the model that has a part of this name at this place.

    Raises:
        ModelNameError: The name is not that of a part.
    """
    form = PART_NAME.fullmatch(name)
    if form is None or int(form["number"]) != place.number or int(form["count"]) != place.count:
        expected = f"-{place.number:05}-of-{place.count:05}.gguf"
        raise ModelNameError(
            f"model file {name} is part {place.number} of {place.count}, and the others are found by its name, which "
            f"must end in {expected}; give the parts their own names again"
        )
    return [f"{form['stem']}-{number:05}-of-{place.count:05}.gguf" for number in range(1, place.count + 1)]


def weights_digest(path: Path) -> str:
    """SHA-256 of the model's file; of one in several files, that of their digests, one per line and in order."""
    digests = [cache.digest(part) for part in shards(path)]
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("".join(f"{digest}\n" for digest in digests).encode()).hexdigest()


def weights_size(path: Path) -> int:
    """Bytes of all files of the model."""
    return sum(part.stat().st_size for part in shards(path))


def place_of(path: Path) -> Place:
    """The file's place among parts, from its metadata; that of a whole model where it cannot be read."""
    try:
        numbers = read_header(path).numbers
    except (OSError, ValueError):
        return Place()  # whoever loads it says what is wrong with it
    return Place(int(numbers.get(NUMBER, 0)) + 1, max(1, int(numbers.get(COUNT, 1))))
