"""Containers: models unpacked and served by real processes that keep SageMaker's container contract."""
