"""`python -m drydock.cloud serve`: the local cloud in the foreground."""

import argparse
import os
import sys
from pathlib import Path

from drydock.cloud.folder import CloudError
from drydock.cloud.lifecycle import DEFAULT_STATE, serve
from drydock.ministack.environment import Options


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m drydock.cloud", description=__doc__)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--root", type=Path, default=Path.cwd(), help="the checkout")
    parser.add_argument("--state", type=Path, default=Path(DEFAULT_STATE), help="the folder for its files")
    parser.add_argument("--port", type=int, default=int(os.environ.get("SLIPWAY_PORT", "4566")))
    parser.add_argument("--scale", type=float, default=float(os.environ.get("SLIPWAY_TIME_SCALE", "60")))
    parser.add_argument("--provisioning-seconds", type=float, default=0.0)
    parser.add_argument("--keep", action="store_true", help="go on with what was kept, and keep it at the end")
    given = parser.parse_args()
    status = 0
    try:
        serve(given.root, Options(given.port, given.state, given.scale, given.provisioning_seconds, given.keep))
    except CloudError as error:
        sys.stderr.write(f"{error}\n")
        status = 1
    # Threads of executions may still sit in a call to a function; everything that must be put away is.
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
