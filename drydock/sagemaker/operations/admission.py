"""What SageMaker looks up elsewhere before it takes a request: the role, the model data, the alarms."""

from typing import Any

from drydock.sagemaker.definitions.containers import check_model, containers_of, is_multi_model, model_data_url
from drydock.sagemaker.errors import no_alarms, no_model_data, no_role
from drydock.sagemaker.memory.state import MODEL, State
from drydock.sagemaker.operations.package_models import resolved
from drydock.sagemaker.place import split_s3
from drydock.sagemaker.rules import MissingAlarm
from drydock.sagemaker.surroundings import Surroundings


async def admit(state: State, surroundings: Surroundings, operation: str, request: dict[str, Any]) -> None:
    """Refuse a request that names what is not there.

    Args:
        state: what is known already.
        surroundings: where roles, objects and alarms are.
        operation: any; most need nothing from elsewhere.
        request: validated.

    Raises:
        ServiceError: the role, the model data or an alarm is missing, or the request makes no sense anyway.
    """
    if operation == "CreateModel":
        await _admit_model(state, surroundings, resolved(state, request))
    elif operation in ("CreateEndpoint", "UpdateEndpoint") and state.rules.missing_alarm is MissingAlarm.REFUSED:
        alarms = request.get("DeploymentConfig", {}).get("AutoRollbackConfiguration", {}).get("Alarms", [])
        names = [alarm["AlarmName"] for alarm in alarms]
        if missing := [name for name in names if name not in surroundings.alarm_states(names)]:
            raise no_alarms(missing)


async def _admit_model(state: State, surroundings: Surroundings, request: dict[str, Any]) -> None:
    check_model(request)
    state.new_arn(MODEL, request["ModelName"], state.models)
    role = request.get("ExecutionRoleArn")
    if role and not surroundings.has_role(role):
        raise no_role(role)
    for url in [model_data_url(each) for each in containers_of(request) if not is_multi_model(each)]:
        if url and not await surroundings.has_object(*split_s3(url)):
            raise no_model_data(url)
