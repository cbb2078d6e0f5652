"""What keeps the quick tests quick."""

from functools import cache

from typer import testing

testing._get_command = cache(testing._get_command)  # type: ignore[attr-defined]  # else built for each command typed
