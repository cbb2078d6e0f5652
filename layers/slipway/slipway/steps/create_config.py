"""Create the Config: the release's alarms first, then the config; described until it can be seen."""

from slipway.exchanges import Item, Made
from slipway.judging.alarms import Fleet, error_rate_alarm, own_names, veto_alarm
from slipway.release.naming import VETO_METRIC, VETO_NAMESPACE
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Finding, Verdict, refused
from slipway.rollout.endpoint_config import config_request, same_config
from slipway.steps.work import Work

VISIBLE_TRIES = 30
VISIBLE_PAUSE_SECONDS = 2.0
"""CreateEndpoint reads the config eventually consistently (API_CreateEndpoint); a minute is allowed for it."""


def create_config(work: Work) -> Verdict:
    """Answer CREATED with the config's name and its alarms, or REFUSED."""
    release = work.release
    request = config_request(
        release, release.fact(Phase.CREATE_MODEL, "model"), release.fact(Phase.VERIFY_CONFIG, "carried", {})
    )
    name = request["EndpointConfigName"]
    alarms = own_names(name)
    work.intend(config=name, alarms=alarms)
    _put_alarms(work, name)
    creation = work.tools.hosting.create_config(request)
    if creation.made is Made.REFUSED:
        return refused(Finding(creation.code, creation.message, "Correct the spec's `serve` part.", f"config {name}"))
    described = _await_visible(work, name)
    if described is None:
        return refused(
            Finding("CONFIG_INVISIBLE", "SageMaker does not show the config.", "Drop again.", f"config {name}")
        )
    if creation.made is Made.EXISTS and not same_config(described, request):
        message = "A config of this name exists and is another one; it is left alone."
        return refused(Finding("CONFIG_COLLISION", message, "Drop again.", f"config {name}"))
    return Verdict(Answer.CREATED, name, facts={"config": name, "alarms": [*alarms, *release.wanted.alarms]})


def _put_alarms(work: Work, config: str) -> None:
    """Make the alarms and let them wake this release; the veto starts from a published 0."""
    release, alarms = work.release, work.tools.alarms
    fleet = Fleet(release.endpoint, config, is_update=release.fact(Phase.VERIFY_CONFIG, "mode") == "update")
    alarms.put(error_rate_alarm(fleet, release.wanted.watch))
    alarms.put(veto_alarm(fleet))
    alarms.publish(VETO_NAMESPACE, VETO_METRIC, {"Config": config}, 0.0)
    for name in [*own_names(config), *release.wanted.alarms]:
        work.tools.ledger.listen(name, release.id)


def _await_visible(work: Work, config: str) -> Item | None:
    for _ in range(VISIBLE_TRIES):
        described = work.tools.hosting.describe_config(config)
        if described is not None:
            return described
        work.tools.clock.sleep(VISIBLE_PAUSE_SECONDS)
    return None
