"""Aider's polyglot leaderboard: 225 exercises in six languages, solved by editing files."""

from model_registry_pipeline.sources.formats.aider_board import aider_board

SOURCE = aider_board(
    name="bench_aider",
    label="Aider polyglot leaderboard",
    board="polyglot",
    about="A leaderboard of code editing: pass rates, well-formed answers, cost and time of 225 exercises.",
    evidence="Seven versions of the file from Aider's repository, 2025-02-07 to 2025-10-08.",
)
