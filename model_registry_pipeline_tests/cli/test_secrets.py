"""A key shows nowhere: not in the database, Dagster's event log, the files of the machine, nor what commands say."""

from collections.abc import Iterator

import psycopg
import zstandard
from psycopg import sql

from model_registry_pipeline.sources import source_named
from model_registry_pipeline_tests.cli.examples import Place, run, run_for_real
from model_registry_pipeline_tests.connectors.faulty_server import Act, respond, respond_json
from model_registry_pipeline_tests.defs.examples import A_KEY

ECHOES: dict[str, Act] = {
    "groq": respond_json({"data": [{"id": "one", "note": A_KEY}]}, headers={"ETag": f'"{A_KEY}"'}),
    "openai": respond(f'{{"error": "Incorrect API key provided: {A_KEY}"}}'.encode(), status=401),
    "mistral": respond(f"<html>{A_KEY}</html>".encode(), status=500),
    "deepseek": respond(b"", status=302, headers={"Location": f"https://elsewhere.example/?key={A_KEY}"}),
    "xai": respond(f"{{{A_KEY}".encode()),
    "huggingface": respond_json([], headers={"Link": f'<https://elsewhere.example/?key={A_KEY}>; rel="next"'}),
}
"""What servers do with a key that they are sent: in a body, an error, a header, an address, broken JSON."""


def test_a_planted_key_shows_nowhere(place: Place) -> None:
    """Six servers give it back, each in its own way; afterwards it is looked for everywhere."""
    variables = {"HF_TOKEN": A_KEY} | {f"{name.upper()}_API_KEY": A_KEY for name in ECHOES}
    place.set(
        **variables, MODEL_REGISTRY_ATTEMPTS="2", MODEL_REGISTRY_ALERT_URLS=f"json://127.0.0.1:1/?+X-Token={A_KEY}"
    )
    for source, act in ECHOES.items():
        place.upstream.play(act, at=f"/{source}{source_named(source).path}")

    said = run_for_real("sync", *(word for source in ECHOES for word in ("--source", source)))
    shown = run("dumps", "--json")

    assert [row[0] for row in place.rows("select distinct source from health.syncs order by 1")] == sorted(ECHOES)
    assert any(A_KEY in value for request in place.upstream.requests for value in request.headers.values())
    assert [where for where, text in _everything(place) if A_KEY in text] == []
    assert A_KEY not in said.out + said.err + shown.out + shown.err


def test_the_search_finds_what_is_there(place: Place) -> None:
    """A key that had been stored would be seen: in a column, in a document, in a file."""
    key = A_KEY.encode()
    with psycopg.connect(place.url) as connection:
        connection.execute(
            "insert into raw.documents (sha256, bytes, body) values ('\\x00', 1, %s)", [zstandard.compress(key)]
        )
        connection.execute("insert into raw.actions (recorded_at, kind, actor) values (now(), 'add', %s)", [A_KEY])
    (place.folder / "log").write_bytes(key)

    found = [where for where, text in _everything(place) if A_KEY in text]

    assert sorted(found) == ["document 1", "file log", "table raw.actions"]


def _everything(place: Place) -> Iterator[tuple[str, str]]:
    """Every table as text, every document as it was before it was compressed, every file of the machine's folder."""
    with psycopg.connect(place.url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            query = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} as t")
            ((text,),) = connection.execute(query.format(sql.Identifier(schema, table))).fetchall()
            yield f"table {schema}.{table}", text
        for document_id, body in connection.execute("select document_id, body from raw.documents"):
            yield f"document {document_id}", zstandard.decompress(body).decode(errors="replace")
    for path in place.folder.rglob("*"):
        if path.is_file():
            yield f"file {path.relative_to(place.folder)}", path.read_bytes().decode(errors="replace")
