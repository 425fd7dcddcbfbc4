"""The settings of a run that say which records it reads and how they become samples."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

Mapping = dict[str, Any]

DEMO = "demo"
"""The name of the embedded demo, as a pool and as an assessment set."""


LATER = ("more_pools", "tool_calls", "preference", "response_after", "source_field", "near_duplicates")
"""Settings that earlier versions lack; at their defaults they are no part of the name of a run directory."""


class DataSettings(BaseModel):
    """Pool, records and assessment set of a run."""

    pool: str = Field(
        DEMO,
        description="File, folder, glob, hub name, address, or - for standard input; demo is the embedded pool.",
    )
    more_pools: tuple[str, ...] = Field((), description="Further files, folders and names of the same pool.")
    format: str = Field("auto", description="Record format of the pool; auto recognises it.")
    columns: dict[str, str] = Field(
        {}, description="Which field is which, for records of no known format: prompt=question, response=answer."
    )
    split: str = Field("train", description="Split of a hub data set.")
    turns: Literal["last", "every"] = Field(
        "last", description="Assistant turns that are candidates: a record's last one or every one."
    )
    reasoning: Literal["error", "response", "ignore"] = Field(
        "error",
        description="What to do with reasoning before an answer: score it as part of the response, or ignore it; error "
        "refuses the row where a field of its own has it, and scores and notes what a response begins with (<think>).",
    )
    tool_calls: Literal["error", "response"] = Field(
        "error",
        description="What to do with an answer that calls a tool: refuse the row (error), or score the call as text.",
    )
    preference: Literal["chosen", "rejected"] = Field(
        "chosen", description="Which answer of a preference pair is the response."
    )
    response_after: str | None = Field(
        None, min_length=1, description="Mark before the response in records of one text, such as '### Response:'."
    )
    ignore: tuple[str, ...] = Field((), description="Fields that the model need not see, of records and their turns.")
    source_field: str | None = Field(None, description="Field that names the source of a record in a mixture.")
    near_duplicates: Literal["report", "drop", "ignore"] = Field(
        "report",
        description="What to do with candidates that nearly repeat an earlier one: count them, drop, or ignore.",
    )
    group_field: str | None = Field(None, description="Field that holds the task group.")
    on_bad_row: Literal["error", "skip"] = Field("error", description="What to do with rows that cannot be read.")
    audit_field: str | None = Field(
        None,
        description="Field that no stage sees; the summary says how well scores separate its values. One that begins "
        "with + marks records that are wanted.",
    )

    assessment: str = Field(
        "stratified",
        description="Assessment builder: stratified, clustered, paper, demo, or file; or a file of target tasks.",
    )
    assessment_options: Mapping = Field({}, description="Options of the assessment builder.")
    assessment_size: int | None = Field(
        None, ge=1, description="Most assessment samples to use; by default as many as the builder gives."
    )
    hold_out: str | None = Field(
        None,
        description="Judge samples to set aside from the assessment set before scoring, for icon validate: a count "
        "(64) or a share (20%).",
    )
    on_leak: Literal["drop", "refuse", "ignore"] = Field(
        "drop", description="What to do with pool rows that overlap the assessment set."
    )

    @model_validator(mode="before")
    @classmethod
    def _pools_in_a_list(cls, values: Any) -> Any:
        pools = values.get("pool") if isinstance(values, dict) else None
        if isinstance(pools, list | tuple) and pools:
            return {**values, "pool": pools[0], "more_pools": (*pools[1:], *values.get("more_pools", ()))}
        return values

    @property
    def pools(self) -> tuple[str, ...]:
        """Every address of the pool, as the user gave it."""
        return (self.pool, *self.more_pools)
