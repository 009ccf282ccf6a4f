"""Aider's refactoring leaderboard: 89 large methods to take out of their classes. It is no longer kept up."""

from model_registry_pipeline.sources.formats.aider_board import aider_board

SOURCE = aider_board(
    name="bench_aider_refactor",
    label="Aider refactoring leaderboard",
    board="refactor",
    about="A leaderboard of editing large files: pass rates of 89 refactorings, up to late 2024.",
    oddities=("The file no longer moves.", "`pass_rate_2` is not stated: there is one attempt only."),
    evidence="Two versions of the file from Aider's repository, 2024-07-06 and 2024-11-27.",
)
