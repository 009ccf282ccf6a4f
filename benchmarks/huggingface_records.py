"""A Hugging Face dump of any size, made up, with the shape of the recorded ones; and the same dump a day later.

Measured on the 2,525 distinct records of `.dumps/huggingface` (2025-05 to 2025-07): the quantiles, shares and weights
below. No recorded sentence or name is copied: owners, names and rare tags are made of syllables. The same seed gives
the same bytes.
"""

import argparse
import json
import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate, count
from pathlib import Path
from random import Random
from typing import Any

Record = dict[str, Any]

RECORDS = 200_000
SEED = 20250724
LONGEST_TAGS = 1_824
"""One model of the Hub carries this many tags."""

# Value at each probability, measured; between two of them the value runs evenly on a logarithmic scale.
PROBABILITIES = (0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0)
TAGS = (5, 7, 8, 10, 12, 15, 20, 67, 129, 316)
ID_LENGTH = (8, 14, 20, 25, 31, 38, 46, 62, 73, 93)
OWNER_LENGTH = (3, 3, 5, 6, 8, 11, 13, 21, 23, 31)
DOWNLOADS = (0, 2, 18, 67, 789, 12_406, 201_869, 3_715_984, 76_905_251, 114_461_849)
LIKES = (0, 1, 2, 4, 16, 54, 247, 2_112, 6_760, 12_516)
TRENDING = (0, 0, 0, 1, 1, 1, 2, 22, 454, 567)
CREATED = (
    *("2022-03-02T23:29:04", "2022-03-02T23:29:05", "2022-03-02T23:29:05", "2022-03-20T00:00:00"),
    *("2024-05-09T07:42:18", "2024-12-11T17:58:53", "2025-04-20T00:00:00", "2025-07-16T00:00:00"),
    *("2025-07-21T06:46:56", "2025-07-23T23:00:00"),
)

# Of 10,000 records each; None: the field is absent.
PIPELINES: dict[str | None, int] = {
    "text-to-image": 2856,
    "text-generation": 2376,
    "text-classification": 756,
    "fill-mask": 665,
    "sentence-similarity": 562,
    "token-classification": 444,
    "image-classification": 416,
    "feature-extraction": 372,
    "image-to-image": 293,
    "translation": 257,
    "summarization": 234,
    "question-answering": 162,
    "image-segmentation": 158,
    "image-text-to-text": 143,
    "zero-shot-classification": 115,
    "table-question-answering": 67,
    "audio-classification": 48,
    "text-to-video": 28,
    "text-to-speech": 20,
    "automatic-speech-recognition": 8,
    None: 8,
    "object-detection": 8,
    "image-to-video": 4,
}
LIBRARIES: dict[str | None, int] = {
    "transformers": 5913,
    "diffusers": 3145,
    "sentence-transformers": 630,
    None: 234,
    "mistral-common": 43,
    "sana": 12,
    "vllm": 8,
    "diffusion-single-file": 4,
    "chatterbox": 4,
    "adapter-transformers": 4,
}
LICENCES: dict[str | None, int] = {
    "apache-2.0": 2614,
    None: 1929,
    "other": 1826,
    "mit": 1525,
    "creativeml-openrail-m": 404,
    "llama3": 238,
    "cc-by-nc-4.0": 182,
    "openrail++": 166,
    "llama3.1": 154,
    "unknown": 131,
    "cc-by-4.0": 115,
    "llama3.3": 111,
    "gemma": 95,
    "cc-by-sa-4.0": 91,
    "cc-by-nc-nd-4.0": 71,
    "cc-by-nc-sa-4.0": 63,
    "llama2": 48,
    "llama3.2": 40,
    "openrail": 36,
    "gpl-3.0": 28,
    "afl-3.0": 24,
    "unlicense": 20,
    "cc0-1.0": 16,
    "bsd-3-clause": 8,
}
FORMATS = {"safetensors": 0.477, "pytorch": 0.4, "tf": 0.122, "jax": 0.08, "onnx": 0.037, "rust": 0.016}
MARKERS = {
    "model-index": 0.074,
    "autotrain_compatible": 0.518,
    "text-generation-inference": 0.231,
    "endpoints_compatible": 0.648,
}
ARCHITECTURES = (
    *("bert", "llama", "qwen2", "roberta", "mistral", "xlm-roberta", "vit", "marian", "distilbert", "t5"),
    *("gpt2", "qwen3", "deberta-v2", "albert", "gemma2", "phi3", "mpnet", "electra", "segformer", "bart"),
)
LANGUAGES = (
    *("en", "zh", "de", "fr", "es", "ru", "pt", "it", "ja", "ko", "ar", "hi", "tr", "th", "vi", "pl", "id"),
    *("multilingual", "nl", "fa", "uk", "ro", "cs", "sv", "el", "he", "fi", "da", "bg", "hu", "no", "ca", "sk"),
)
COMMON_TAGS = (
    *("lora", "conversational", "stable-diffusion", "flux", "template:sd-lora", "text2text-generation", "chat"),
    *("generated_from_trainer", "stable-diffusion-xl", "vision", "tensorboard", "merge", "mergekit", "mteb"),
    *("template:diffusion-lora", "text-embeddings-inference", "style", "migrated", "concept", "not-for-all-audiences"),
    *("roleplay", "code", "image-generation", "celebrity", "uncensored", "custom_code", "gguf", "fp8", "art"),
)
SHARE_WITH = {"base_model": 0.516, "dataset": 0.242, "arxiv": 0.316, "doi": 0.021, "template": 0.206}
SYLLABLES = (
    *("ba", "cor", "da", "el", "fi", "gan", "hu", "in", "jo", "ka", "lu", "mi", "no", "or", "pa", "qui", "ra", "sol"),
    *("ta", "ur", "ve", "wen", "xi", "yo", "zen", "lex", "mar", "neo", "pix", "tron"),
)
SIZES = ("0.5B", "1.5B", "3B", "7B", "8B", "13B", "32B", "70B", "base", "large", "small", "v2", "Instruct", "lora")


def dump(records: int = RECORDS, *, seed: int = SEED) -> bytes:
    """One document: a JSON list of that many models, the trending ones first, as the Hub sends it."""
    rng = Random(seed)  # noqa: S311  # made-up data
    models = list(_models(records, rng))
    if models:
        crowded = models[rng.randrange(len(models))]
        words = _words(rng)
        room = LONGEST_TAGS - len(crowded["tags"])
        crowded["tags"][-1:-1] = [f"dataset:{next(words)}/{next(words)}" for _ in range(room)]
    return _document(models)


def changed(document: bytes, share: float = 0.01, *, seed: int = SEED + 1) -> bytes:
    """The same list a day later: facts differ on `share` of the records; downloads move on 97 % of them, likes on
    14 %, the trending score on 18 % (measured between 2025-07-23 and 2025-07-24), and with it the order."""
    rng = Random(seed)  # noqa: S311  # made-up data
    models: list[Record] = json.loads(document)
    for model in rng.sample(models, round(len(models) * share)):
        _change_facts(model, rng)
    for model in models:
        if rng.random() < 0.97:
            model["downloads"] += max(1, round(model["downloads"] * rng.uniform(-0.03, 0.05)))
        if rng.random() < 0.14:
            model["likes"] += 1 + int(model["likes"] * rng.random() * 0.01)
        if rng.random() < 0.18:
            model["trendingScore"] = max(0, model["trendingScore"] + rng.choice((-2, -1, 1, 2)))
    return _document(models)


def _document(models: list[Record]) -> bytes:
    models.sort(key=lambda model: (-model["trendingScore"], -model["likes"], model["_id"]))
    return json.dumps(models, separators=(",", ":"), ensure_ascii=False).encode()


def _change_facts(model: Record, rng: Random) -> None:
    """The licence changes, which is a fact by any reading; on some also a tag, the pipeline or the library."""
    now = next((tag for tag in model["tags"] if tag.startswith("license:")), None)
    other = rng.choice([f"license:{name}" for name in LICENCES if name and f"license:{name}" != now])
    *kept, region = [tag for tag in model["tags"] if tag != now]
    model["tags"] = tags = [*kept, other, region]
    match rng.choices(("licence", "tag added", "tag removed", "pipeline", "library"), (30, 30, 20, 10, 10))[0]:
        case "tag added":
            tags.insert(len(tags) - 2, f"dataset:added/{rng.randrange(10**6)}")
        case "tag removed":
            tags.pop(rng.randrange(len(tags) - 2))
        case "pipeline":
            model["pipeline_tag"] = rng.choice(
                [name for name in PIPELINES if name != model.get("pipeline_tag") and name]
            )
        case "library":
            model["library_name"] = rng.choice(
                [name for name in LIBRARIES if name != model.get("library_name") and name]
            )


# -- the first day -------------------------------------------------------------------------------------------------


def _models(records: int, rng: Random) -> Iterator[Record]:
    owners = _owners(records, rng)
    pipelines, libraries, licences = _drawn(PIPELINES, rng), _drawn(LIBRARIES, rng), _drawn(LICENCES, rng)
    rare = _zipf(
        [f"{word}-{i}" if i % 3 else word for i, word in zip(range(40_000), _words(rng), strict=False)],
        rng,
        exponent=0.7,
    )
    common, languages = _zipf(COMMON_TAGS, rng), _zipf(LANGUAGES, rng)
    architectures, datasets = _zipf(ARCHITECTURES, rng), _zipf([f"set{i}" for i in range(20_000)], rng)
    bases = _zipf([f"{next(owners)}/{word}" for _, word in zip(range(5_000), _words(rng), strict=False)], rng)
    created = tuple(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() for day in CREATED)
    seen: set[str] = set()
    for _ in range(records):
        pipeline, library, licence = next(pipelines), next(libraries), next(licences)
        owner = next(owners)
        model_id = _name(owner, _drawn_from(ID_LENGTH, rng), rng)
        while model_id in seen:
            model_id += rng.choice("abcdefghijklmnopqrstuvwxyz")
        seen.add(model_id)
        born = _interpolated(created, rng.random())

        head = [library] if library else []
        head += [name for name, share in FORMATS.items() if rng.random() < share]
        if library == "transformers":
            head.append(next(architectures))
        if pipeline:
            head.append(pipeline)
        tail = []
        if rng.random() < SHARE_WITH["dataset"]:
            tail += [f"dataset:{next(datasets)}" for _ in range(_few(rng))]
        if rng.random() < SHARE_WITH["arxiv"]:
            tail += [
                f"arxiv:{rng.randrange(17, 25)}{rng.randrange(1, 13):02}.{rng.randrange(20_000):05}"
                for _ in range(_few(rng))
            ]
        if rng.random() < SHARE_WITH["base_model"]:
            base = next(bases)
            relation = "adapter" if library == "diffusers" else "finetune"
            tail += [f"base_model:{base}", f"base_model:{relation}:{base}"]
        if rng.random() < SHARE_WITH["doi"]:
            tail.append(f"doi:10.57967/hf/{rng.randrange(10_000)}")
        if licence:
            tail.append(f"license:{licence}")
        tail += [name for name, share in MARKERS.items() if rng.random() < share]
        tail.append("region:us")
        room = _drawn_from(TAGS, rng) - len(head) - len(tail)
        middle = []
        for _ in range(room):
            kind = rng.random()
            middle.append(next(common) if kind < 0.35 else next(languages) if kind < 0.6 else next(rare))

        model: Record = {
            "_id": f"{int(born):08x}{rng.getrandbits(64):016x}",
            "id": model_id,
            "likes": _drawn_from(LIKES, rng),
            "trendingScore": _drawn_from(TRENDING, rng),
            "private": False,
            "downloads": _drawn_from(DOWNLOADS, rng),
            "tags": list(dict.fromkeys(head + middle + tail)),
        }
        if pipeline:
            model["pipeline_tag"] = pipeline
        if library:
            model["library_name"] = library
        model["createdAt"] = f"{datetime.fromtimestamp(int(born), UTC):%Y-%m-%dT%H:%M:%S}.000Z"
        model["modelId"] = model_id
        yield model


def _owners(records: int, rng: Random) -> Iterator[str]:
    """Measured: 1,040 owners of 2,525 models, the busiest with 2.4 % of them."""
    words = _words(rng)
    names = [_fit(next(words), _drawn_from(OWNER_LENGTH, rng), rng) for _ in range(max(10, records * 2 // 5))]
    return _zipf(names, rng, exponent=0.6)


def _name(owner: str, length: int, rng: Random) -> str:
    words = _words(rng)
    parts = [next(words).capitalize()]
    while len(owner) + 1 + sum(map(len, parts)) + len(parts) < length - 4:
        parts.append(rng.choice(SIZES) if rng.random() < 0.4 else next(words))
    return f"{owner}/{'-'.join(parts)}"[: max(length, len(owner) + 4)]


def _fit(word: str, length: int, rng: Random) -> str:
    while len(word) < length:
        word += rng.choice(SYLLABLES)
    return word[:length]


def _few(rng: Random) -> int:
    """1 for three of four, else a geometric handful."""
    return 1 + (int(-math.log(1 - rng.random()) * 3) if rng.random() < 0.25 else 0)


def _words(rng: Random) -> Iterator[str]:
    for _ in count():
        yield "".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3, 3, 4))))


def _drawn(weights: dict[str | None, int], rng: Random) -> Iterator[str | None]:
    names, cumulative = list(weights), list(accumulate(weights.values()))
    while True:
        yield from rng.choices(names, cum_weights=cumulative, k=10_000)


def _zipf(names: Sequence[str], rng: Random, *, exponent: float = 1.0) -> Iterator[str]:
    """The n-th name n^-exponent times as often as the first."""
    cumulative = list(accumulate((rank + 1) ** -exponent for rank in range(len(names))))
    while True:
        yield from rng.choices(names, cum_weights=cumulative, k=10_000)


def _drawn_from(quantiles: Sequence[int], rng: Random) -> int:
    probability = rng.random()
    at = min(bisect_right(PROBABILITIES, probability), len(PROBABILITIES) - 1)
    low, high = quantiles[at - 1], quantiles[at]
    part = (probability - PROBABILITIES[at - 1]) / (PROBABILITIES[at] - PROBABILITIES[at - 1])
    return round((low + 1) * math.pow((high + 1) / (low + 1), part) - 1)


def _interpolated(quantiles: Sequence[float], probability: float) -> float:
    at = min(bisect_right(PROBABILITIES, probability), len(PROBABILITIES) - 1)
    part = (probability - PROBABILITIES[at - 1]) / (PROBABILITIES[at] - PROBABILITIES[at - 1])
    return quantiles[at - 1] + (quantiles[at] - quantiles[at - 1]) * part


def main() -> None:
    """Write two dated documents into a folder that `model-registry replay` reads."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=RECORDS)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    first = dump(options.records)
    (options.folder / "2025-07-24.json").write_bytes(first)
    (options.folder / "2025-07-25.json").write_bytes(changed(first))


if __name__ == "__main__":
    main()
