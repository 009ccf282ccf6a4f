"""One vocabulary for what goes in and comes out of a model, and what follows from it."""

from collections.abc import Iterable

from model_registry_pipeline.domain.records import Kind

_SPELLINGS = {
    "code": "text",
    "doc": "file",
    "document": "file",
    "documents": "file",
    "embeddings": "embedding",
    "files": "file",
    "images": "image",
    "videos": "video",
}
_KINDS: dict[tuple[str, ...], Kind] = {
    ("audio",): Kind.AUDIO,
    ("embedding",): Kind.EMBEDDING,
    ("image",): Kind.IMAGE,
    ("rerank",): Kind.RERANK,
    ("speech",): Kind.SPEECH,
    ("transcription",): Kind.TRANSCRIPTION,
    ("video",): Kind.VIDEO,
}


def modalities(stated: Iterable[str] | None) -> tuple[str, ...] | None:
    """Sorted, without repetition; None: nothing is stated. An unknown word stays as it is."""
    if not stated:
        return None
    words = {word.strip().lower() for word in stated} - {""}
    return tuple(sorted({_SPELLINGS.get(word, word) for word in words})) or None


def supports_vision(input_modalities: tuple[str, ...] | None) -> bool | None:
    """Vision is image input; it is stated where the input modalities are."""
    return None if input_modalities is None else "image" in input_modalities


def kind_by_output(output_modalities: tuple[str, ...] | None) -> Kind | None:
    """What a model is for, where its only output says so; text comes out of too many kinds to say."""
    return None if output_modalities is None else _KINDS.get(output_modalities)
