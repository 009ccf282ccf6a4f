"""Named files become one document, whatever one of them holds."""

import json

import pytest

from model_registry_pipeline.domain.raw.joined import joined


def test_files_stand_under_their_names() -> None:
    """As they are, byte order mark aside."""
    whole = joined({"pricing/a": b'{"m": 0.10}', "general/a": b"\xef\xbb\xbf{}"})

    assert whole == b'{"pricing/a":{"m": 0.10},"general/a":{}}'


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"", b'{"m": 1', b"{}}", b'1,"general/c":{"x":{}}', b"\xff", b'{"\xff":1}', b"[" * 10**5],
    ids=["html", "nothing", "cut off", "one brace more", "another file inside", "no text", "a wrong byte", "deep"],
)
def test_what_is_no_json_breaks_no_other_file(body: bytes) -> None:
    """It becomes a text, and nothing in it becomes a file."""
    whole = json.loads(joined({"pricing/a": body, "general/a": b"{}"}))

    assert whole.keys() == {"pricing/a", "general/a"}
    assert isinstance(whole["pricing/a"], str)
    assert whole["general/a"] == {}
