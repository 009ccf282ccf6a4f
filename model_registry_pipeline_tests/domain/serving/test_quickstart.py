"""Quickstarts are programs: they parse, call the right address with the right model, and hold no key."""

import ast
import json
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_registry_pipeline.domain.records import Kind
from model_registry_pipeline.domain.serving.quickstart import LANGUAGES, Access, quickstart
from model_registry_pipeline.domain.serving.snippets import SNIPPETS

OPENAI = Access("openai", "https://api.example/v1", "EXAMPLE_API_KEY")
ACCESS = {
    "openai": OPENAI,
    "anthropic": Access("anthropic", "https://api.example/v1", "EXAMPLE_API_KEY"),
    "google": Access("google", "https://api.example/v1beta", "EXAMPLE_API_KEY"),
    "cohere": Access("cohere", "https://api.example/v2", "EXAMPLE_API_KEY"),
    "bedrock": Access("bedrock", "https://runtime.example", "EXAMPLE_API_KEY"),
    "azure": Access("azure", None, "EXAMPLE_API_KEY"),
}
EVERY = pytest.mark.parametrize(("protocol", "kind"), SNIPPETS, ids=str)
IDS = st.one_of(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), st.just("<path>'\"$(x)"))


def told(access: Access, model_id: str, language: str, kind: Kind | None = None) -> str:
    assert language in LANGUAGES
    snippet = quickstart(access, model_id, language, kind)  # type: ignore[arg-type]
    assert snippet is not None
    return snippet


@EVERY
@given(model_id=IDS)
def test_the_python_is_python(protocol: str, kind: Kind, model_id: str) -> None:
    """It parses, whatever the model is called, and the model stands in it as a text."""
    tree = ast.parse(told(ACCESS[protocol], model_id, "python", kind))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]

    assert model_id in texts


@EVERY
@given(model_id=IDS)
def test_the_curl_is_one_command(protocol: str, kind: Kind, model_id: str) -> None:
    """A shell reads it as curl with an address, headers and a JSON body, whatever the model is called."""
    words = shlex.split(told(ACCESS[protocol], model_id, "curl", kind))
    body = json.loads(words[words.index("-d") + 1])

    assert words[0] == "curl"
    assert words[1].startswith("https://")
    assert body.get("model", model_id) == model_id
    assert "model" in body or "/model" in words[1]


@EVERY
def test_bash_takes_it(protocol: str, kind: Kind) -> None:
    """`bash -n` finds no fault."""
    command = told(ACCESS[protocol], "lab/a'b:1", "curl", kind)

    assert subprocess.run(["bash", "-n"], input=command.encode(), check=False).returncode == 0


@EVERY
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_to_fill_in(protocol: str, kind: Kind, language: str) -> None:
    """No placeholder stays, and a key is named, never written."""
    snippet = told(ACCESS[protocol], "a-model", language, kind)

    assert not [name for name in ("model", "path", "api", "root", "key") if f"<{name}>" in snippet]
    assert "EXAMPLE_API_KEY" in snippet or "AWS_BEARER_TOKEN_BEDROCK" in snippet


@pytest.mark.parametrize(
    ("access", "language", "piece"),
    [
        (OPENAI, "python", 'OpenAI(base_url="https://api.example/v1", api_key=os.environ["EXAMPLE_API_KEY"])'),
        (OPENAI, "javascript", "apiKey: process.env.EXAMPLE_API_KEY"),
        (OPENAI, "curl", '"https://api.example/v1/chat/completions"'),
        (OPENAI._replace(key_variable=None), "python", 'api_key="unused"'),
        (ACCESS["anthropic"], "python", 'Anthropic(base_url="https://api.example"'),
        (ACCESS["anthropic"], "curl", '"https://api.example/v1/messages"'),
        (ACCESS["google"], "curl", '"https://api.example/v1beta/models/a%3A1:generateContent"'),
        (ACCESS["bedrock"], "curl", '"https://runtime.example/model/a%3A1/converse"'),
        (ACCESS["azure"], "curl", '"https://$AZURE_RESOURCE_NAME.openai.azure.com/openai/v1/chat/completions"'),
    ],
)
def test_it_calls_the_provider_in_its_own_way(access: Access, language: str, piece: str) -> None:
    """Address, key and library are those of the protocol."""
    assert piece in told(access, "a:1", language)


@pytest.mark.parametrize(
    ("access", "kind"),
    [
        (Access(None, "https://api.example", "KEY"), Kind.CHAT),
        (Access("smoke-signals", "https://api.example", "KEY"), Kind.CHAT),
        (OPENAI, Kind.VIDEO),
        (ACCESS["bedrock"], Kind.EMBEDDING),
        (Access("openai", "https://api.example", "302AI_API_KEY"), Kind.CHAT),
    ],
    ids=["no protocol", "unknown protocol", "no template", "an embedding's body differs by model", "no variable"],
)
def test_what_is_not_known_has_none(access: Access, kind: Kind) -> None:
    """A program that would not work is not told."""
    assert quickstart(access, "a", "python", kind) is None
