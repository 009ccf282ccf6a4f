"""Aider's older code editing leaderboard: 133 exercises in Python. It is no longer kept up."""

from model_registry_pipeline.sources.formats.aider_board import aider_board

SOURCE = aider_board(
    name="bench_aider_edit",
    label="Aider code editing leaderboard",
    board="edit",
    about="The leaderboard before Aider's polyglot one: pass rates of 133 exercises, up to early 2025.",
    oddities=("The file no longer moves: the polyglot board has taken its place.",),
    evidence="Two versions of the file from Aider's repository, 2024-07-06 and 2025-02-07.",
)
