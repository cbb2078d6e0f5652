"""Who may approve a release, as far as names can tell."""

import pytest

from slipway.intake.asker import asker_findings
from slipway.release.approval import is_another, is_known, why_not
from slipway.release.approval_spec import Approval
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec, Watch

ALICE = "arn:aws:iam::111122223333:user/alice"
SESSION = "arn:aws:sts::111122223333:assumed-role/{}/{}"
BY_ANOTHER = Approval(before="update", by_another=True)


def spec(approval: Approval, watch: Watch | None = None) -> ReleaseSpec:
    return ReleaseSpec(endpoint="churn", serve=Serve(image="x"), approval=approval, watch=watch or Watch())


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (ALICE, ALICE, False),
        (ALICE, ALICE.upper(), False),
        (ALICE, "arn:aws:iam::111122223333:user/bob", True),
        (SESSION.format("Dev", "alice"), SESSION.format("Admin", "bob"), True),
        (SESSION.format("Dev", "alice"), SESSION.format("Admin", "alice"), False),
        (ALICE, "", False),
        ("111122223333", ALICE, False),
        ("approval in the model registry", ALICE, False),
    ],
)
def test_two_names_are_two_people_only_if_both_name_somebody(one: str, other: str, expected: bool) -> None:
    assert is_another(one, other) is is_another(other, one) is expected


@pytest.mark.parametrize("who", ["", "111122223333", "approval in the model registry"])
def test_an_account_or_a_remark_is_nobody(who: str) -> None:
    assert not is_known(who)


def test_anybody_known_may_approve_unless_another_is_asked_for() -> None:
    assert why_not(Approval(before="update"), ALICE, ALICE) == ""
    assert "say who" in why_not(Approval(before="update"), ALICE, "")
    assert "wants somebody else" in why_not(BY_ANOTHER, ALICE, ALICE)
    assert why_not(BY_ANOTHER, ALICE, SESSION.format("Admin", "bob")) == ""


@pytest.mark.parametrize(
    ("wanted", "asker", "expected"),
    [
        (spec(BY_ANOTHER), "111122223333", ["APPROVAL_ASKER_UNKNOWN"]),
        (spec(BY_ANOTHER), "", ["APPROVAL_ASKER_UNKNOWN"]),
        (spec(BY_ANOTHER), ALICE, []),
        (spec(Approval(by_another=True)), "", []),
        (spec(Approval(by_another=True), Watch(no_data="hold")), "", ["APPROVAL_ASKER_UNKNOWN"]),
        (spec(Approval(before="promotion")), "", []),
    ],
)
def test_a_release_that_nobody_could_approve_is_refused_at_once(
    wanted: ReleaseSpec, asker: str, expected: list[str]
) -> None:
    assert [finding.code for finding in asker_findings(wanted, asker)] == expected
