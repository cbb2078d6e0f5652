"""What is advised where SageMaker refuses to make a model or a config."""

import pytest

from slipway.rollout.refusals import refusal


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDeniedException", "allowed to the role"),
        ("AccessDenied", "allowed to the role"),
        ("ResourceLimitExceeded", "Service Quotas"),
        ("ValidationException", "Correct the spec's `serve` part."),
    ],
)
def test_the_next_step_follows_from_the_code(code: str, words: str) -> None:
    found = refusal(code, "as AWS says", "model churn-1")
    assert words in found.next_step
    assert (found.code, found.message, found.where) == (code, "as AWS says", "model churn-1")
