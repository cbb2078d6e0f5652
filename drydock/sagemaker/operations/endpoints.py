"""Operations on endpoints: they start what the driver then carries through; pure."""

from collections.abc import Collection
from typing import Any

from drydock.sagemaker.definitions.serverless import check_change, check_conversion, guarded
from drydock.sagemaker.deployment import events
from drydock.sagemaker.deployment.describe import describe, summarise
from drydock.sagemaker.deployment.planning import plan_creation, plan_fleet, plan_rescale, plan_update, retain
from drydock.sagemaker.deployment.transitions import become
from drydock.sagemaker.errors import in_progress, no_variants, refusal, repeated_variant
from drydock.sagemaker.memory.model import Endpoint, Fleet
from drydock.sagemaker.memory.state import ENDPOINT, State
from drydock.sagemaker.memory.statuses import IN_MOTION, Status
from drydock.sagemaker.operations.checks import check_deployment_config
from drydock.sagemaker.operations.listing import page_of
from drydock.sagemaker.operations.quota import added, check_quota, instances
from drydock.sagemaker.operations.scaled import refuse_unscalable
from drydock.sagemaker.rules import BothConfigs, Rules

_UPDATABLE = {Status.IN_SERVICE, Status.UPDATE_ROLLBACK_FAILED}


def create_endpoint(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpoint; a DeploymentConfig is only stored, a first deployment has no guardrail."""
    name = request["EndpointName"]
    arn = state.new_arn(ENDPOINT, name, state.endpoints)
    config = state.config(request["EndpointConfigName"])
    fleet = plan_fleet(state, name, config, scoped=False)
    policy = request.get("DeploymentConfig")
    check_deployment_config(guarded(state.rules, fleet, policy or {}), _counts(fleet))
    check_quota(state, instances(fleet))
    now = state.now()
    endpoint = Endpoint(name, arn, now, now, config.name, last_deployment_config=policy)
    endpoint.deployment = plan_creation(state, fleet)
    state.endpoints[name.lower()] = endpoint
    state.tag(arn, request.get("Tags", []))
    events.endpoint_changed(state, endpoint)
    return {"EndpointArn": arn}


def update_endpoint(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpoint: a blue/green deployment of another configuration, all at once where no policy says otherwise."""
    endpoint = _updatable(state, request["EndpointName"])
    config = state.config(request["EndpointConfigName"])
    if state.rules.refuse_same_config and config.name == endpoint.config_name:
        raise refusal(f'Endpoint "{endpoint.arn}" is on endpoint configuration "{config.arn}" already.')
    policy = _policy(state.rules, endpoint, request)
    green = plan_fleet(state, endpoint.name, config, scoped=True)
    if request.get("RetainAllVariantProperties"):
        excluded = {item["VariantPropertyType"] for item in request.get("ExcludeRetainedVariantProperties", [])}
        retain(green, endpoint.fleet, excluded)
    refuse_unscalable(state, endpoint, green)
    check_conversion(endpoint.fleet, green)
    policy = guarded(state.rules, green, policy)
    check_deployment_config(policy, _counts(green))
    deployment = plan_update(state, endpoint, green, policy)
    check_quota(state, instances(green))
    endpoint.deployment = deployment
    endpoint.last_deployment_config = policy or endpoint.last_deployment_config
    return _start_updating(state, endpoint)


def update_weights(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """UpdateEndpointWeightsAndCapacities."""
    endpoint = _updatable(state, request["EndpointName"], {Status.IN_SERVICE})
    wanted = request["DesiredWeightsAndCapacities"]
    seen: set[str] = set()
    for change in wanted:
        if change["VariantName"] in seen:
            raise repeated_variant(change["VariantName"])
        seen.add(change["VariantName"])
    fleet = endpoint.fleet
    unknown = seen - (fleet.variants.keys() if fleet else set())
    if fleet is None or unknown:
        raise no_variants(sorted(unknown), endpoint.config_name)
    for change in wanted:
        check_change(fleet.variants[change["VariantName"]], change)
    check_quota(state, added(fleet, wanted))
    endpoint.deployment = plan_rescale(state, fleet, wanted)
    return _start_updating(state, endpoint)


def describe_endpoint(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpoint."""
    return describe(state.endpoint(request["EndpointName"]), state.rules)


def list_endpoints(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """ListEndpoints."""
    page, token = page_of(request, map(summarise, state.endpoints.values()), "Endpoint")
    return {"Endpoints": page, "NextToken": token}


def delete_endpoint(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpoint: it is Deleting until its instances are gone."""
    endpoint = _settled(state, request["EndpointName"])
    become(state, endpoint, Status.DELETING, endpoint.failure_reason)
    return {}


def forget(state: State, endpoint: Endpoint) -> None:
    """Remove an endpoint whose instances are gone."""
    del state.endpoints[endpoint.name.lower()]
    state.tags.pop(endpoint.arn, None)


def _settled(state: State, name: str) -> Endpoint:
    endpoint = state.endpoint(name)
    if endpoint.status in IN_MOTION:
        raise in_progress(endpoint.arn)
    return endpoint


def _updatable(state: State, name: str, statuses: Collection[Status] = _UPDATABLE) -> Endpoint:
    endpoint = _settled(state, name)
    if endpoint.status not in statuses:
        raise refusal(f'Cannot update endpoint "{endpoint.arn}" in status {endpoint.status}.')
    return endpoint


def _policy(rules: Rules, endpoint: Endpoint, request: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = request.get("DeploymentConfig") or {}
    if not request.get("RetainDeploymentConfig") or (given and rules.both_deployment_configs is BothConfigs.GIVEN_WINS):
        return given
    if given and rules.both_deployment_configs is BothConfigs.REFUSED:
        raise refusal("DeploymentConfig cannot be given when RetainDeploymentConfig is true.")
    return endpoint.last_deployment_config or {}


def _start_updating(state: State, endpoint: Endpoint) -> dict[str, Any]:
    """Mark an endpoint as Updating. FailureReason goes now: what it told of is no longer the last deployment."""
    become(state, endpoint, Status.UPDATING, "")
    if endpoint.deployment and endpoint.deployment.guarded:
        events.deployment_changed(state, endpoint)
    return {"EndpointArn": endpoint.arn}


def _counts(fleet: Fleet) -> dict[str, int]:
    return {variant.name: variant.count for variant in fleet.production}
