"""AWS Signature Version 4: the headers of one request, signed with an access key."""

from dataclasses import dataclass, field
from datetime import datetime

import httpx
from requests_aws4auth import AWS4Auth

SIGNED = ("Authorization", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token")


@dataclass(frozen=True)
class AwsKey:
    """An access key, and what it signs for."""

    key_id: str
    secret: str = field(repr=False)
    session_token: str | None = field(repr=False)
    """Of a temporary key."""
    region: str
    service: str

    def headers(self, url: httpx.URL, now: datetime) -> dict[str, str]:
        """The headers of a GET of this address at this instant; AWS takes them for some minutes."""
        request = httpx.Request("GET", url, headers={"x-amz-date": f"{now:%Y%m%dT%H%M%SZ}"})
        sign = AWS4Auth(self.key_id, self.secret, self.region, self.service, session_token=self.session_token)
        sign(request)
        return {name: request.headers[name] for name in SIGNED if name in request.headers}
