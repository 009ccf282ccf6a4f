"""Addresses: where a source's list is, according to its file and to whoever runs this."""

from collections.abc import Mapping
from urllib.parse import quote

import httpx

from model_registry_pipeline.connectors.errors import ExchangeError, FetchError, NotConfiguredError
from model_registry_pipeline.domain.source import Source
from model_registry_pipeline.settings import Settings, SettingsError

MAX_PORT = 65_535


FILE = "{file}"
"""In the path of a source that has several files: the name of one."""


def address(source: Source, settings: Settings, query: Mapping[str, str], file: str = "") -> httpx.URL:
    """The address of a source's first page, or of a file; `query` takes the place of the source's parameters of the
    same name.

    Raises NotConfiguredError where nobody said where a local source is, or what stands at a place of the address;
    FetchError where what was said is no address.
    """
    own_variable = f"{source.name.upper()}_BASE_URL"
    try:
        base = settings.base_url(source)
        if base is None:
            variables = " or ".join((own_variable, *source.address_variables))
            raise NotConfiguredError(f"{source.name} runs where you say it runs: set {variables}")
        filled = _filled(source, settings, base.rstrip("/")).replace(FILE, quote(file))
        url = httpx.URL(filled).copy_merge_params(source.query | dict(query))
    except SettingsError as error:
        raise FetchError(f"{source.name}: {error}", tries=0) from None
    except (httpx.InvalidURL, ValueError):
        url = None
    if url is None or (url.port or 0) > MAX_PORT:  # httpx notices such a port only when it connects
        raise FetchError(f"{source.name}: its address is no URL; see {own_variable}", tries=0)
    return url


def _filled(source: Source, settings: Settings, base: str) -> str:
    """Base and path, with what the environment says for `{NAME}` in them. Raises NotConfiguredError without it."""
    address = base + source.path
    for place in source.places:
        spot = f"{{{place.name}}}"
        if spot not in address:
            continue
        stated = settings.stated(place)
        if stated is None:
            names = place.names
            if spot in base:
                names = (*source.address_variables, *names, f"{source.name.upper()}_BASE_URL")
            raise NotConfiguredError(f"{source.name} lacks a part of its address: set {' or '.join(names)}")
        address = address.replace(spot, quote(stated, safe=""))
    return address


def within_origin(base: httpx.URL, stated: str, what: str) -> httpx.URL:
    """The address that an answer points to. Raises ExchangeError where it is none, or leads to another origin."""
    try:
        url = base.join(stated)
    except (httpx.InvalidURL, UnicodeError):
        raise ExchangeError(f"{what} to an address that is none ({stated!r})") from None
    if (url.scheme, url.raw_host, _port(url)) != (base.scheme, base.raw_host, _port(base)):
        raise ExchangeError(
            f"{what} to another origin ({url.copy_with(userinfo=b'')}), which is never followed;"
            " if it has moved there, set its …_BASE_URL"
        )
    return url


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)
