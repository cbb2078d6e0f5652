"""Models that a person can drop: two that work, and one for each way in which a release goes wrong."""
