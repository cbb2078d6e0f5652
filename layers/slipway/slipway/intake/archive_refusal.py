"""How the rooms of the archive check say that reading on makes no sense."""

from slipway.release.verdicts import Finding

PACK = "Pack it again: tar -C <folder with the model> -czf model.tar.gz ."


class ArchiveRefusedError(Exception):
    """Unwinds the walk at the first thing behind which nothing can be trusted; never leaves `archive.inspect`."""

    def __init__(self, code: str, message: str, next_step: str = PACK, where: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(code, message, next_step, where)


def cut_off(at: int) -> ArchiveRefusedError:
    """Refuse an archive that ends within a member, or without its end mark."""
    what = f"The tar archive is cut off at byte {at} of the unpacked stream."
    return ArchiveRefusedError("ARCHIVE_TRUNCATED", what)
