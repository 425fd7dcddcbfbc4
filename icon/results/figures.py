"""Numbers of a run by name, for observers."""

from __future__ import annotations

from icon.runs.manifest import Manifest


def figures_of(manifest: Manifest) -> dict[str, float]:
    """Numbers of a run's summary and times; those that are not known, or not yet, are left out.

    Names: candidates, selected, reliability, captured_gain, pairs, assessment_samples, tokens, tokens_per_second,
    seconds.
    """
    times, results = manifest.times, manifest.results
    found: dict[str, float | None] = {
        "tokens": times.tokens_evaluated,
        "tokens_per_second": times.tokens_per_second,
        "seconds": times.total_seconds,
    }
    if results is not None:
        race, reliability = results.race, results.reliability
        found |= {
            "candidates": results.candidates,
            "selected": results.selected,
            "assessment_samples": results.assessment.samples,
            "pairs": race.pairs if race else None,
            "captured_gain": race.capture if race else None,
            "reliability": race.reliability if race else reliability.full if reliability else None,
        }
    return {name: float(value) for name, value in found.items() if value is not None}
