"""The entry of `slipway`."""

import sys


def main() -> None:
    """Run the command line."""
    try:
        import rich  # noqa: F401
        import typer  # noqa: F401
    except ModuleNotFoundError as missing:
        sys.exit(f"The command needs the extra `cli`.\nWhy: {missing}\nNext: pip install 'slipway[cli]'")
    from slipway_cli.app import app

    app()


if __name__ == "__main__":
    main()
