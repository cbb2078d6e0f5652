"""What people are told says whom to ask and where to look."""

import pytest

from slipway.record import news
from slipway.record.announcements import detail, text
from slipway.record.news import Message, News
from slipway.release.phases import Phase
from slipway.release.release import Kind, Release
from slipway.release.serve_spec import Serve
from slipway.release.spec import ReleaseSpec
from slipway.release.verdicts import Outcome

LINKS = {"runbook": "https://wiki.example.com/churn", "training run": "https://mlflow.example.com/#/1"}


def release(spec: ReleaseSpec | None) -> Release:
    return Release("r1", Kind.RELEASE, "churn", "e", "o", "t", spec=spec)


def test_the_owner_and_the_links_of_the_spec_are_told() -> None:
    told = release(ReleaseSpec(endpoint="churn", serve=Serve(image="x"), owner="the churn team", links=LINKS))
    lines = text(told, Outcome.NEEDS_HUMAN, "stuck").splitlines()
    assert lines[-3:] == ["Owner: the churn team", *(f"{name}: {address}" for name, address in LINKS.items())]
    assert detail(told, Outcome.LIVE, "")["owner"] == "the churn team"
    assert detail(told, Outcome.LIVE, "")["links"] == LINKS


def test_without_them_nothing_is_added() -> None:
    assert text(release(None), Outcome.LIVE, "quiet").splitlines()[-1] == "Next: slipway status churn"
    assert detail(release(None), Outcome.LIVE, "")["links"] == {}


@pytest.mark.parametrize("happened", News)
def test_they_are_told_of_everything_that_happens_on_the_way(happened: News) -> None:
    told = release(ReleaseSpec(endpoint="churn", serve=Serve(image="x"), owner="the churn team", links=LINKS))
    message = Message(happened, Phase.CREATE_ENDPOINT, "why")
    lines = news.text(told, message).splitlines()
    assert lines[-3:] == ["Owner: the churn team", *(f"{name}: {address}" for name, address in LINKS.items())]
    assert news.detail(told, message)["owner"] == "the churn team"
    assert news.detail(told, message)["links"] == LINKS
