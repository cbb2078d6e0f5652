"""MiniStack with the hosting service inside it, and mended where it is falsely green.

This package is the only place that knows MiniStack, pinned to the version in pyproject.toml, from the inside: one
module for each of its services that is mended. `server` starts it all; nothing here may be imported before
`environment.prepare` ran, because MiniStack reads its settings when it is imported.
"""
