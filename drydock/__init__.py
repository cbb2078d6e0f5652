"""Drydock: Amazon SageMaker hosting on one machine, without an AWS account and without Docker."""
