"""Facts of records, as hypothesis makes them up: few values, so that they often agree."""

from hypothesis import strategies as st

_lines = st.lists(
    st.fixed_dictionaries(
        {
            "meter": st.sampled_from(["input", "output"]),
            "unit": st.just("mtok"),
            "usd": st.sampled_from(["0", "1", "2"]),
        },
        optional={"above_tokens": st.sampled_from([128_000, 200_000]), "service_tier": st.just("batch")},
    ),
    max_size=3,
    unique_by=lambda line: tuple(sorted((name, str(value)) for name, value in line.items() if name != "usd")),
)
facts = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["A", "B"]),
        "description": st.sampled_from(["good", "better"]),
        "supports_tools": st.booleans(),
        "context_window_tokens": st.sampled_from([8192, 16384]),
        "input_modalities": st.lists(st.sampled_from(["image", "text"]), min_size=1, unique=True).map(sorted),
        "prices": _lines,
    },
)
"""Some fields of a record's facts, and some price lines."""
