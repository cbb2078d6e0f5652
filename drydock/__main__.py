"""`python -m drydock serve`: SageMaker hosting alone, on a port of its own."""

import argparse
import asyncio
import sys
from pathlib import Path

from drydock.alone.server import Options, serve
from drydock.sagemaker.memory.remembering import ForeignMemoryError
from drydock.sagemaker.place import REGION


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m drydock", description=__doc__)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("--port", type=int, default=4580, help="where to listen, on the loopback only")
    parser.add_argument("--s3-endpoint-url", required=True, help="where the models are: the address of an S3")
    parser.add_argument("--scale", type=float, default=1.0, help="how much faster than AWS durations pass")
    parser.add_argument("--provisioning-seconds", type=float, default=0.0, help="what bringing up a fleet takes on AWS")
    parser.add_argument("--region", default=REGION)
    parser.add_argument("--state", type=Path, help="a file that keeps the state over a restart")
    given = parser.parse_args()
    if given.scale <= 0:
        parser.error("--scale must be above zero")
    options = Options(
        given.port, given.s3_endpoint_url, given.scale, given.provisioning_seconds, given.region, given.state
    )
    try:
        asyncio.run(serve(options))
    except (OSError, ForeignMemoryError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
