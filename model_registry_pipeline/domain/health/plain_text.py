"""Texts of others, as they may stand in an alert: nobody is called, nothing is a link, and nothing takes a page."""

_LOOKALIKES = str.maketrans({"<": "‹", ">": "›", "&": "＆", "@": "＠", "`": "ˋ"})
"""Entities (`&lt;`) would not do: Apprise escapes for HTML and for Slack itself, so that people would read them, and a
plain webhook passes them on to who knows whom."""

MAX_CHARACTERS = 300


def plain(text: str, limit: int = MAX_CHARACTERS) -> str:
    """One line of harmless text, not longer than the limit.

    Mentions (`<!channel>`, `@everyone`, `<@U123>`), HTML, links (also Markdown's) and control characters show as
    what they are and do nothing.
    """
    shown = "".join(each if each.isprintable() else _escaped(each) for each in text[: 2 * limit])
    shown = shown.replace("://", ":∕∕").replace("](", "] (").translate(_LOOKALIKES)
    return cut(" ".join(shown.split()), limit)


def cut(text: str, limit: int) -> str:
    """The text, or as much of it as has room before an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _escaped(character: str) -> str:
    """A line break is no more than a blank; the rest becomes visible: it may turn the order of letters round."""
    return " " if character.isspace() else ascii(character)[1:-1]
