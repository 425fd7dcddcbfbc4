"""JSON schemas of what icon writes and prints: `python tests/support/schemas.py` writes docs/reference/schemas anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel, TypeAdapter

from icon.config import settings_schema
from icon.pipeline.doctor import Examined
from icon.pipeline.plan import RunPlan
from icon.pipeline.preview import Judgement
from icon.results.comparison import Comparison, ScorersOfRun, SeveralRuns
from icon.results.explain import Explanation
from icon.results.export import Exported
from icon.results.records import Assessed, Reported, RunSummary, Scored
from icon.results.verify import Verification
from icon.runs.manifest import Manifest
from icon.runs.validation import Validation
from icon.samples.show import Part, ShownPrompt

FOLDER = Path(__file__).resolve().parents[2] / "docs/reference/schemas"
SETTINGS = FOLDER.parent / "settings.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class PreviewSummary(RunSummary):
    """The closing summary of a preview, with its judgement where the scores are estimates."""

    sparse: ClassVar[frozenset[str] | None] = (RunSummary.sparse or frozenset()) | {"judgement"}

    judgement: Judgement | None = None


OUTPUTS: dict[str, type] = {
    "run.json": Manifest,
    "summary": RunSummary,
    "preview": PreviewSummary,
    "assess": Assessed,
    "score": Scored,
    "plan": RunPlan,
    "compare-one": ScorersOfRun,
    "compare-two": Comparison,
    "compare-several": SeveralRuns,
    "explain": Explanation,
    "verify": Verification,
    "validation": Validation,
    "export": Exported,
    "report": Reported,
    "doctor": Examined,
    "show-prompt": ShownPrompt,
}


def file_of(name: str) -> Path:
    """The published schema of an output."""
    return FOLDER / f"{name.removesuffix('.json')}.json"


def schema_text(name: str) -> str:
    """The schema of an output, made from its record; docstrings describe records and fields."""
    schema = TypeAdapter(OUTPUTS[name]).json_schema(mode="validation")
    fields = _documented()
    for each in (schema, *schema.get("$defs", {}).values()):
        each["description"] = _first_paragraph(each.get("description", ""))
        texts = fields.get((each.get("title", ""), frozenset(each.get("properties", {}))), {})
        for field, described in each.get("properties", {}).items():
            described.pop("title", None)  # the field's name in capitals
            if field in texts:
                described.setdefault("description", texts[field])
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def _documented() -> dict[tuple[str, frozenset[str]], dict[str, str]]:
    """By name and fields of a class, as two may have one name: what its docstring and its bases' say of each field."""
    classes = {Judgement, Part, ShownPrompt, *_below(BaseModel)}
    return {
        (cls.__name__, frozenset(TypeAdapter(cls).json_schema().get("properties", {}))): {
            name: text for base in reversed(cls.__mro__) for name, text in _attributes(base.__doc__ or "").items()
        }
        for cls in classes
        if cls.__module__.startswith(("icon.", __name__))
    }


def _below(cls: type) -> list[type]:
    return [below for direct in cls.__subclasses__() for below in (direct, *_below(direct))]


def _attributes(docstring: str) -> dict[str, str]:
    section = re.search(r"^ *Attributes:\n((?: +.*\n?|\n)*)", docstring, re.MULTILINE)
    text = re.sub(r"\n {12,}", " ", section[1]) if section else ""
    return dict(re.findall(r"^ {8}(\w+): (.+)$", text, re.MULTILINE))


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().split("\n\n")[0].split())


def write() -> None:
    """Write every schema, and remove those of outputs that no longer exist."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name in OUTPUTS:
        file_of(name).write_text(schema_text(name), encoding="utf-8")
    SETTINGS.write_text(settings_text(), encoding="utf-8")


def settings_text() -> str:
    """The schema of settings files."""
    return json.dumps(settings_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write()
