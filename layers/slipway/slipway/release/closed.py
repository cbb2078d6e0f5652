"""What every record of a spec has in common."""

from typing import Any, ClassVar


class Closed:
    """Where pydantic reads these records, an unknown key is refused and no value is converted to another type."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}
