"""The head of a request, read by hand: the parser of e-mails in the standard library takes longer than all the rest."""

from dataclasses import dataclass
from io import BufferedIOBase

_LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class RequestHead:
    """Method, path and headers of a request."""

    method: str
    path: str
    headers: dict[str, str]
    closes: bool
    """Whether the connection ends with the answer."""


def read_request_head(first: bytes, lines: BufferedIOBase) -> RequestHead | None:
    """Read the head of a request.

    Args:
        first: its first line.
        lines: gives the following ones.

    Returns:
        The head; None where the line is none of HTTP/1.
    """
    words = first.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    headers: dict[str, str] = {}
    while (line := lines.readline(_LONGEST_LINE)).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip()] = value.strip()
    connection = headers.get("Connection", "").lower()
    closes = connection == "close" or (words[2] == "HTTP/1.0" and connection != "keep-alive")
    return RequestHead(words[0], words[1], headers, closes)
