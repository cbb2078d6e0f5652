"""The page over HTTP, for this machine alone.

A web page elsewhere must learn nothing here, not even by a name that it lets point to 127.0.0.1: only loopback names
are answered to. And nothing that a drop brought can run: the browser is told to take scripts and styles from the files
of this folder alone.
"""

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slipway.errors import SlipwayError
from slipway.record import report_page
from slipway.release.release import is_closed
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.refusals import told
from slipway_cli.ui.board import Board, Lookout
from slipway_cli.ui.pages import HERE, part, whole

NAMES = ("127.0.0.1", "localhost", "::1", "[::1]")

_ALONE = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
POLICY = f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; {_ALONE}"
STORY_POLICY = f"{report_page.POLICY}; {_ALONE}"

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer that does not say otherwise."""


def application(lookout: Lookout) -> Starlette:
    """Make the application that shows what a lookout sees."""

    async def page(request: Request) -> Response:
        board, trouble, status = await _looked(lookout, request)
        text = whole(lookout.place, lookout.seconds, board, _endpoint(request), trouble)
        return HTMLResponse(text, status)

    async def changes(request: Request) -> Response:
        board, trouble, status = await _looked(lookout, request)
        return HTMLResponse(part(board, _endpoint(request))) if board else PlainTextResponse(trouble, status)

    async def story(request: Request) -> Response:
        return await run_in_threadpool(_story, lookout, request.path_params["release"])

    routes = [
        Route("/", page),
        Route("/board", changes),
        Route("/releases/{release}", story),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]
    guards = [Middleware(_Careful), Middleware(TrustedHostMiddleware, allowed_hosts=NAMES, www_redirect=False)]
    return Starlette(routes=routes, middleware=guards)


def _endpoint(request: Request) -> str:
    return request.query_params.get("endpoint", "")


async def _looked(lookout: Lookout, request: Request) -> tuple[Board | None, str, int]:
    """Look; gives what is seen, or why nothing is, and the HTTP status."""
    return await run_in_threadpool(_look, lookout, _endpoint(request))


def _look(lookout: Lookout, endpoint: str) -> tuple[Board | None, str, int]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return lookout.board(endpoint), "", 200
    except (CommandError, SlipwayError, BotoCoreError, ClientError) as error:
        known = _known(error)
        return None, str(known), _status(known)


def _story(lookout: Lookout, release: str) -> Response:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found, now = lookout.release(release)
    except (CommandError, SlipwayError, BotoCoreError, ClientError) as error:
        known = _known(error)
        return PlainTextResponse(str(known), _status(known))
    text = report_page.page(found, found.outcome, found.reason, now, home="/")
    again = {} if is_closed(found) else {"Refresh": f"{lookout.seconds * 2:.0f}"}
    return HTMLResponse(text, headers={"Content-Security-Policy": STORY_POLICY, **again})


def _known(error: Exception) -> CommandError:
    known = told(error)
    if known is None:
        raise error
    return known


def _status(error: CommandError) -> int:
    return 404 if error.code is ExitCode.NOT_FOUND else 503


class _Careful:
    """Puts the headers on every answer, that of a refused name too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sent)
