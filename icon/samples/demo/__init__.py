"""The embedded demo: a pool and an assessment set written for this project (CC0)."""

from __future__ import annotations

from pathlib import Path

DEMO_POOL = Path(__file__).with_name("demo_pool.jsonl")
DEMO_ASSESSMENT = Path(__file__).with_name("demo_assessment.jsonl")
