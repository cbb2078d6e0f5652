"""Slipway releases machine-learning models behind Amazon SageMaker endpoints safely, or leaves the old one serving."""
