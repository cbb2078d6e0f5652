"""ui: a page for this machine that shows what is served and what is being released."""

import contextlib
import os
import socket
import sys
import webbrowser
from importlib.util import find_spec
from typing import Annotated

import typer

from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

NEEDED = ("jinja2", "starlette", "uvicorn")
"""Packages of the extra `ui`."""

HOST = "127.0.0.1"

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Where it listens; 0 for any that is free.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Do not open the page in a browser.")]


def ui(
    context: typer.Context,
    port: Port = 4577,
    no_browser: NoBrowser = False,
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Show endpoints and releases on a page in the browser, which keeps itself up to date.

    It only reads, and only this machine can reach it. It runs until Ctrl-C.
    """
    _demand_extra()
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    with _listening(port) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}/"
        screen.show({"url": url}, url)
        screen.say("Ctrl-C stops it.", "dim")
        if not (no_browser or as_json) and screen.err.is_terminal and _has_windows():
            webbrowser.open(url)
        _serve(desk, listener)


def _serve(desk: Desk, listener: socket.socket) -> None:
    import uvicorn

    from slipway_cli.ui.board import Lookout
    from slipway_cli.ui.server import application

    config = uvicorn.Config(
        application(Lookout(desk)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    uvicorn.Server(config).run([listener])


def _listening(port: int) -> socket.socket:
    """Listen before anybody is told where.

    Raises:
        CommandError: somebody else listens there.
    """
    listener = socket.socket()
    with contextlib.ExitStack() as undoing:
        undoing.callback(listener.close)
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            what = f"The page cannot be shown at port {port}."
            raise CommandError(what, str(error), "slipway ui --port 0", ExitCode.USAGE) from error
        listener.listen()
        undoing.pop_all()
    return listener


def _has_windows() -> bool:
    """Whether a browser would be a window; one of text would take the terminal."""
    return sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _demand_extra() -> None:
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        why = f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        raise CommandError("The page needs the extra `ui`.", why, "pip install -e '.[ui]'", ExitCode.USAGE)
