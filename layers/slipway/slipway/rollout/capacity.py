"""How many instances a fleet has after a release; pure."""


def instances_after(wanted: int, live: int | None, first: int | None, *, scaled: bool = False) -> int:
    """Say how many instances the new fleet will have.

    A count that the spec has not changed says nothing against what a person or autoscaling made of it since, and live
    capacity never drops because of a release: only a fleet that nobody scaled shrinks to what the spec asks for. Where
    scaling is registered the count is its business alone, between the limits that it has.

    Args:
        wanted: `serve.instance_count`.
        live: DesiredInstanceCount of the endpoint, None where it has none.
        first: InitialInstanceCount of its config.
        scaled: whether the variant is registered for scaling.
    """
    if scaled and live is not None:
        return live
    if live is None or live == first:
        return wanted
    return live if wanted == first else max(wanted, live)
