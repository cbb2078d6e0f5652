"""invoke: ask an endpoint for a prediction."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from slipway.exchanges import Invocation, Reply
from slipway_cli.desk import Desk
from slipway_cli.errors import CommandError, ExitCode
from slipway_cli.options import STACK, Env, Json, Stack, sit_down
from slipway_cli.screen import Screen

Data = Annotated[str, typer.Option("--data", "-d", help="The request: text, @FILE, or @- for stdin.")]
ContentType = Annotated[str, typer.Option("--content-type", help="What the request is.")]
Accept = Annotated[str, typer.Option("--accept", help="What the answer shall be.")]
Variant = Annotated[str, typer.Option("--variant", help="The variant that shall answer, whatever its weight.")]
Container = Annotated[str, typer.Option("--container", help="The container that shall answer, where they are direct.")]
Model = Annotated[str, typer.Option("--model", help="The model that shall answer, of a multi-model endpoint.")]


def invoke(
    context: typer.Context,
    endpoint: Annotated[str, typer.Argument(help="The endpoint.", show_default=False)],
    data: Data,
    content_type: ContentType = "application/json",
    accept: Accept = "application/json",
    variant: Variant = "",
    container: Container = "",
    model: Model = "",
    as_json: Json = False,
    env: Env = None,
    stack: Stack = STACK,
) -> None:
    """Invoke an endpoint once and print its answer."""
    body = read_data(data)
    screen = Screen(as_json=as_json)
    desk = sit_down(context, screen, env, stack)
    targets = {"target_variant": variant, "target_container": container, "target_model": model}
    reply = desk.hosting.invoke(Invocation(endpoint, body, content_type, accept, **targets))
    if reply.error:
        raise _refused(desk, endpoint, reply)
    screen.say(f"{reply.status} from variant {reply.variant} in {reply.latency_ms:.0f} ms", "dim")
    if as_json:
        screen.show(_shape(reply), "")
        return
    sys.stdout.buffer.write(reply.body)
    if not reply.body.endswith(b"\n"):
        sys.stdout.buffer.write(b"\n")
    sys.stdout.buffer.flush()


def read_data(data: str) -> bytes:
    """Read a request as curl's --data does.

    Raises:
        CommandError: the file is not there.
    """
    if data == "@-":
        return sys.stdin.buffer.read()
    if not data.startswith("@"):
        return data.encode()
    path = Path(data[1:])
    if not path.is_file():
        raise CommandError(f"There is no file {path}.", next_step="check the path after @", code=ExitCode.USAGE)
    return path.read_bytes()


def _refused(desk: Desk, endpoint: str, reply: Reply) -> CommandError:
    answer = reply.body.decode(errors="replace").strip().partition("\n")[0]
    why = f"{reply.error}: {answer or reply.message}"
    if reply.error == "ValidationError" and "not found" in reply.message:
        return CommandError(f"There is no endpoint {endpoint}.", why, "slipway status", ExitCode.NOT_FOUND)
    live = desk.ledger.live(endpoint)
    next_step = f"slipway logs {live.release} --container" if live else f"slipway status {endpoint}"
    return CommandError(f"{endpoint} gave no prediction.", why, next_step)


def _shape(reply: Reply) -> dict[str, Any]:
    text = reply.body.decode(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    return {
        "status": reply.status,
        "body": body,
        "content_type": reply.content_type,
        "variant": reply.variant,
        "latency_ms": round(reply.latency_ms, 1),
    }
