"""`make demo`: a good model goes live, a better one replaces it, three bad ones do no harm. All on this machine."""

import sys
import time

from drydock import cloud
from examples.demo_acts import ENDPOINT, Ending, play
from examples.demo_cloud import open_stage
from slipway_cli.errors import CommandError
from slipway_cli.pictures import history_table
from slipway_cli.screen import Screen


def main() -> None:
    """Play the demo; the exit code is 0 when everything went as it must."""
    screen, began = Screen(), time.monotonic()
    screen.err = screen.out
    try:
        with open_stage(lambda text: screen.say(f"{text} …", "dim")) as stage:
            endings = play(stage, screen)
            screen.say(f"\nThe history of the endpoint {ENDPOINT}", "bold cyan")
            screen.out.print(history_table(reversed(stage.desk.ledger.history(ENDPOINT))))
    except KeyboardInterrupt:
        screen.say("Interrupted; the local cloud is down again.")
        sys.exit(130)
    except (cloud.CloudError, CommandError) as error:
        screen.say(f"The demo could not be played.\n{error}", "bold red")
        sys.exit(1)
    sys.exit(_judge(screen, endings, time.monotonic() - began))


def _judge(screen: Screen, endings: list[Ending], seconds: float) -> int:
    faults = [f"{ending.act.version}: {fault}" for ending in endings for fault in ending.faults]
    for fault in faults:
        screen.say(f"✖ {fault}", "bold red")
    if not faults:
        screen.say(f"\n✔ All as it must be, in {seconds:.0f} s. The local cloud is down again.", "bold green")
    return 1 if faults else 0


if __name__ == "__main__":
    main()
