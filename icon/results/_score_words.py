"""Scores in words: where they sit, and how they compare; other packages find these in `icon.results.wording`."""

from __future__ import annotations

from icon.config import RunConfig
from icon.runs.outcome import Against, EqualLength, Positions
from icon.runs.records import JsonObject


def passes(config: RunConfig) -> str:
    """How passes differ from plain ones: behind a primer, or without their first response tokens; else empty."""
    primed = ", primed" if config.primed else ""
    k = config.skip_tokens
    skipped = f", without the first {f'{k} response tokens' if k > 1 else 'response token'}" if k else ""
    return primed + skipped


def by_position(found: Positions) -> str:
    """Where the gain and its variance between candidates sit: at the first token, at the second, at the rest."""
    classes = [("first token", found.first), ("second", found.second), ("rest", found.rest)][min(found.skipped, 2) :]
    sizes = [(f"{name} {own.gain:+.2f} nats", own.share) for name, own in classes]
    text = ", ".join(size if share is None else f"{size} ({share:.0%})" for size, share in sizes)
    varied = [f"{own.variance_share:.0%}" for _, own in classes if own.variance_share is not None]
    text += f"; of its variance between candidates {', '.join(varied)}" if len(varied) > 1 else ""
    return text + (f"; first tokens that do not count: {found.skipped}" if found.skipped else "")


def equal_length(found: EqualLength) -> str:
    """How scores were made equal in length, and how far they followed it before and after."""
    ways = {"regress": "what the logarithm of the length does not explain", "strata": "ranks within strata of length"}
    text = f"scores are {ways[found.how]} (responses in {found.unit})"
    if found.before is None or found.after is None:
        return text
    return f"{text}; rank correlation with the length {found.before:+.2f} before, {found.after:+.2f} after"


def against(found: Against) -> str:
    """The score compared with a baseline."""
    if found.spearman is None:
        return "nothing to compare"
    return f"rank correlation {found.spearman:+.2f}, overlap of the top {found.top:,}: {found.overlap:.0%}"


def classifier(quality: JsonObject) -> str:
    """How well a classifier that ranks by the text alone learnt the label."""
    text = f"held-out AUC {quality['auc']:.2f} [{quality['auc_low']:.2f}, {quality['auc_high']:.2f}]"
    text += f", average precision {quality['average_precision']:.2f}"
    text += f" [{quality['average_precision_low']:.2f}, {quality['average_precision_high']:.2f}]"
    return text + (" - cannot be distinguished from chance" if quality["chance"] else "")


def given_up(quality: JsonObject, selected: int) -> str:
    """What a selector that looks at more than the score gives up compared with one that does not."""
    means = f"mean score {quality['mean_score']:.4g}, that of the best {selected:,}: {quality['mean_score_top']:.4g}"
    return f"{means}; {quality['n_shared_with_top']:,} in common"


def decided_by(quality: JsonObject, scorer: str) -> str:
    """How many candidates of a cascade were decided by which score, and what the cheap score leaves out."""
    cheap, others = quality["cheap"], quality["n_by_cheap"]
    text = f"{quality['n_scored']:,} by {scorer}, {others:,} by {cheap} alone"
    if by_cheap := quality["n_selected_by_cheap"]:
        text += f", {by_cheap:,} of them selected"
    if "missed" not in quality:
        return text
    drawn, hits = quality["n_checked"], quality["n_checked_selected"]
    text += (
        f"; {drawn:,} that {cheap} rejects were drawn at random and scored as well, and {hits:,} of them "
        f"{'is' if hits == 1 else 'are'} selected: of the {others:,} others {quality['missed']:.0%} "
        f"({quality['missed_low']:.0%} to {quality['missed_high']:.0%}) would have been"
    )
    if (gain := quality.get("captured_of_all")) is not None:
        text += f"; captured gain over all about {gain:.0%}"
    return text
