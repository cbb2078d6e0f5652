"""What Drydock itself costs: `python -m benchmarks.drydock`; each line is held against its budget."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from benchmarks.drydock import inside, memory, outside


def main() -> None:
    """Measure all of it."""
    folder = Path(tempfile.mkdtemp())
    try:
        asyncio.run(inside.measure(folder))
        outside.measure(folder)
        memory.measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
