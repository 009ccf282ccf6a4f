"""Which names mean one model: leaderboards write them as they like. Two names are one if their keys are equal.

A name says no more than what stands in it: a dated model and its undated alias are two, and so are base, instruct and
thinking models. Identity proper, with canonical ids, does not rest on names alone and is not told here.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

_PLANS = re.compile(r":(?:batch|beta|exacto|extended|flex|floor|free|nitro|online|thinking)$")
"""OpenRouter's suffixes: a price plan, a route or a mode of the same model."""
_REGION = re.compile(r"^(?:apac|au|ca|eu|global|jp|us|us-gov)\.(?=[a-z0-9-]+\.)")
_VENDOR = re.compile(
    r"^(?:ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshotai|nvidia|openai|qwen|xai)\."
)
_REVISION = re.compile(r"-v\d+:0(?::\d+\w*)?$|(?<=\d)-v1$")
"""What Bedrock puts around its ids: `eu.anthropic.claude-3-haiku-20240307-v1:0`."""
_TWICE = re.compile(r"^meta-(?=llama)")
"""Hugging Face took the maker out of the names of Meta's models, and others did not."""
_BRACKETS = re.compile(r"\(([^()]*)\)")
_SETTING = re.compile(
    r"(?:(?:no|non|with|without|default|reasoning|think|thinking|effort|tokens|nothinking"
    r"|minimal|low|medium|high|xhigh|\d+k)[\s,-]*)+"
)
_SETTING_AT_END = re.compile(
    r"-(?:(?:no|low|high)thinking|thinking-(?:auto-)?\d+k|(?:minimal|low|medium|high|xhigh|max)-effort)$"
)
"""How leaderboards tell under which settings a model was measured."""
_MODE_AT_END = re.compile(r"-(?:non-?reasoning|reasoning|minimal|low|high|xhigh|(?<=\d-)medium)$")
"""The same in lists whose names have these endings by themselves: tried where no model has the whole name."""
_DAY = re.compile(r"(20\d\d)-([01]\d)-([0-3]\d)(?!\d)")
_PART = re.compile(r"[^\W\d_]+|\d+")


HUBS = frozenset({"huggingface"})
"""Whose models anybody may copy under an owner of his own: there a model's name is nothing without its owner."""

Pair = tuple[str, str]
"""provider_id, model_id."""


class Known(NamedTuple):
    """An offering, as far as names tell which model it is."""

    provider_id: str
    model_id: str
    hugging_face_id: str | None = None


def name_key(name: str) -> str:
    """What stays of a name that is the same however it is spelled: its words, sorted, and its numbers in their order.

    The path before the last slash (who serves it, or who made it), price plans, regions and settings say nothing about
    which model it is. Empty: nothing is left to go by.
    """
    said = name.strip().lower().rsplit("/", 1)[-1]
    said = _PLANS.sub("", said)
    said, is_bedrock = _VENDOR.subn("", _REGION.sub("", said))
    said = _REVISION.sub("", said) if is_bedrock else said
    said = _BRACKETS.sub(lambda inside: "" if _SETTING.fullmatch(inside[1].strip()) else f" {inside[1]} ", said)
    said = said.strip()
    while (shorter := _SETTING_AT_END.sub("", said)) != said:
        said = shorter
    said = _TWICE.sub("", said)
    parts = _PART.findall(_DAY.sub(r"\1\2\3", said))
    words = sorted(part for part in parts if not part.isdigit())
    numbers = [part for part in parts if part.isdigit()]
    return " ".join([*words, *numbers]) if words else ""


def namesakes(names: Iterable[str], offerings: Iterable[Known]) -> dict[str, frozenset[Pair]]:
    """The pairs that bear each name; a name that nobody bears, or that is borne by two models, is left out.

    A name with an owner (`Qwen/Qwen3-32B`) is that of offerings with this owner in their id or in their Hugging Face
    id, or whose provider is the owner. One without is that of all offerings outside the hubs. Where these state two
    Hugging Face ids, the name has moved from one model to another (`devstral-small`), and nobody can tell which of
    them is meant.
    """
    by_key: defaultdict[str, set[Pair]] = defaultdict(set)
    by_owner: defaultdict[tuple[str, str], set[Pair]] = defaultdict(set)
    weights: defaultdict[str, set[str]] = defaultdict(set)
    for known in offerings:
        key, owner = name_key(known.model_id), owner_of(known.model_id)
        pair = (known.provider_id, known.model_id)
        if known.provider_id not in HUBS:
            by_key[key].add(pair)
        by_owner[owner or known.provider_id, key].add(pair)
        if known.hugging_face_id:
            weights[key].add(name_key(known.hugging_face_id))
            by_owner[owner_of(known.hugging_face_id), name_key(known.hugging_face_id)].add(pair)
    found: dict[str, frozenset[Pair]] = {}
    for name in names:
        owner = owner_of(name)
        for key in filter(None, (name_key(name), name_key(_MODE_AT_END.sub("", name.lower())))):
            pairs = by_owner.get((owner, key), ()) if owner else by_key.get(key, ())
            if pairs:
                if owner or len(weights[key]) <= 1:
                    found[name] = frozenset(pairs)
                break
    return found


def owner_of(name: str) -> str:
    """Before the slash of an id of two parts, such as `Qwen/Qwen3-32B`; else empty."""
    owner, slash, rest = name.strip().lower().partition("/")
    return owner if slash and "/" not in rest else ""
