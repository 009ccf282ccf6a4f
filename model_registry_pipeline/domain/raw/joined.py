"""The documents of a list that lies in several named files, as one JSON object of files by their names."""

from collections.abc import Mapping

import msgspec

_anything = msgspec.json.Decoder(msgspec.Raw)
_BOM = b"\xef\xbb\xbf"


def joined(files: Mapping[str, bytes]) -> bytes:
    """`{"pricing/openai": …, "general/openai": …}`: each file as it is; one that is no JSON becomes a text, so that it
    breaks no other and is told as what it is."""
    return msgspec.json.encode({name: _embedded(body.removeprefix(_BOM)) for name, body in files.items()})


def _embedded(body: bytes) -> msgspec.Raw | str:
    try:
        _anything.decode(body)
        body.decode()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode(errors="replace")
    return msgspec.Raw(body)
