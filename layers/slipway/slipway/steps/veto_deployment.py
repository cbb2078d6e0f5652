"""Veto the Deployment: trip the veto alarm, so that SageMaker itself puts traffic back while the old fleet runs."""

from slipway.judging.alarms import veto_alarm, veto_name
from slipway.record.news import News
from slipway.release.ending import cause
from slipway.release.naming import VETO_METRIC, VETO_NAMESPACE
from slipway.release.phases import Phase
from slipway.release.verdicts import Answer, Verdict
from slipway.steps.telling import tell
from slipway.steps.work import Work


def veto_deployment(work: Work) -> Verdict:
    """Answer VETOED once the alarm rings: by its state at once, by the published 1 for good.

    The alarm is put again first: without it, deleted by whomever, SageMaker would finish what shall be put back.
    """
    release, alarms = work.release, work.tools.alarms
    config = release.fact(Phase.CREATE_CONFIG, "config")
    reason = cause(release, work.request.trouble)
    alarms.put(veto_alarm(config))
    alarms.publish(VETO_NAMESPACE, VETO_METRIC, {"Config": config}, 1.0)
    alarms.set_state(veto_name(config), "ALARM", f"vetoed by release {release.id}")
    tell(work, News.ROLLING_BACK, f"{reason}; SageMaker puts the traffic back on the old fleet, which still runs")
    return Verdict(Answer.VETOED, reason)
