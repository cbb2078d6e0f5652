"""Operations on models, endpoint configurations and tags: what never moves once it is made; pure."""

from typing import Any

from drydock.sagemaker.definitions.containers import check_model
from drydock.sagemaker.definitions.serverless import check_serverless_models
from drydock.sagemaker.definitions.variants import check_shadowed_models, variants_of
from drydock.sagemaker.deployment import events
from drydock.sagemaker.errors import refusal
from drydock.sagemaker.memory.resources import EndpointConfig, Model
from drydock.sagemaker.memory.state import CONFIG, MODEL, State
from drydock.sagemaker.operations.checks import check_config
from drydock.sagemaker.operations.listing import cut, page_of
from drydock.sagemaker.operations.package_models import is_from_marketplace, resolved
from drydock.sagemaker.rules import OnDeletion

_MOST_TAGS = 50
_TAGS_ON_A_PAGE = 50


def create_model(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """CreateModel; whether its role and its data exist is for whoever can look."""
    definition = resolved(state, request)
    check_model(definition)
    tags = definition.pop("Tags", [])
    arn = state.new_arn(MODEL, request["ModelName"], state.models)
    model = Model(request["ModelName"], arn, state.now(), definition, is_from_marketplace(state, request))
    state.models[model.name.lower()] = model
    state.tag(arn, tags)
    events.model_changed(state, model)
    return {"ModelArn": arn}


def describe_model(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeModel."""
    model = state.model(request["ModelName"])
    return {
        "EnableNetworkIsolation": False,
        **model.definition,
        "ModelArn": model.arn,
        "CreationTime": model.created,
    }


def list_models(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """ListModels."""
    lines = (
        {"ModelName": model.name, "ModelArn": model.arn, "CreationTime": model.created}
        for model in state.models.values()
    )
    page, token = page_of(request, lines, "Model")
    return {"Models": page, "NextToken": token}


def delete_model(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteModel; AWS does not check whether a configuration still names it, nor does Drydock unless told to."""
    model = state.model(request["ModelName"])
    if state.rules.deletion_in_use is OnDeletion.FORBIDDEN:
        _check_unnamed(state, model)
    del state.models[model.name.lower()]
    events.model_changed(state, model)
    state.tags.pop(model.arn, None)
    return {}


def create_config(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """CreateEndpointConfig; its models must exist."""
    check_config(request)
    definition = dict(request)
    tags = definition.pop("Tags", [])
    arn = state.new_arn(CONFIG, request["EndpointConfigName"], state.configs)
    models = [state.model(variant["ModelName"]) for variant in variants_of(request)]
    check_shadowed_models(request, models)
    check_serverless_models(request, models)
    for variant in variants_of(request):
        variant.setdefault("InitialVariantWeight", 1.0)
    config = EndpointConfig(request["EndpointConfigName"], arn, state.now(), definition)
    state.configs[config.name.lower()] = config
    state.tag(arn, tags)
    events.config_changed(state, config)
    return {"EndpointConfigArn": arn}


def describe_config(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DescribeEndpointConfig."""
    config = state.config(request["EndpointConfigName"])
    return {
        "EnableNetworkIsolation": False,
        **config.definition,
        "EndpointConfigArn": config.arn,
        "CreationTime": config.created,
    }


def list_configs(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """ListEndpointConfigs."""
    lines = (
        {"EndpointConfigName": config.name, "EndpointConfigArn": config.arn, "CreationTime": config.created}
        for config in state.configs.values()
    )
    page, token = page_of(request, lines, "EndpointConfig")
    return {"EndpointConfigs": page, "NextToken": token}


def delete_config(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteEndpointConfig; AWS does not check whether an endpoint still uses it, nor does Drydock unless told to."""
    config = state.config(request["EndpointConfigName"])
    if state.rules.deletion_in_use is OnDeletion.FORBIDDEN:
        _check_unused(state, config)
    del state.configs[config.name.lower()]
    events.config_changed(state, config)
    state.tags.pop(config.arn, None)
    return {}


def _check_unused(state: State, config: EndpointConfig) -> None:
    for endpoint in state.endpoints.values():
        if config.name in {endpoint.config_name, *(fleet.config_name for fleet in endpoint.fleets)}:
            raise refusal(f'Endpoint configuration "{config.arn}" is in use by endpoint "{endpoint.name}".')


def _check_unnamed(state: State, model: Model) -> None:
    for config in state.configs.values():
        if model.name.lower() in {variant["ModelName"].lower() for variant in variants_of(config.definition)}:
            raise refusal(f'Model "{model.arn}" is in use by endpoint configuration "{config.name}".')


def add_tags(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """AddTags."""
    arn = _known(state, request["ResourceArn"])
    new = {tag["Key"] for tag in request["Tags"]}
    if len(state.tags.get(arn, {}).keys() | new) > _MOST_TAGS:
        raise refusal(f"A resource can have at most {_MOST_TAGS} tags.")
    state.tag(arn, request["Tags"])
    return {"Tags": _tag_list(state, arn)}


def list_tags(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """ListTags."""
    page, token = cut(request, _tag_list(state, _known(state, request["ResourceArn"])), _TAGS_ON_A_PAGE)
    return {"Tags": page, "NextToken": token}


def delete_tags(state: State, request: dict[str, Any]) -> dict[str, Any]:
    """DeleteTags."""
    tags = state.tags.get(_known(state, request["ResourceArn"]), {})
    for key in request["TagKeys"]:
        tags.pop(key, None)
    return {}


def _known(state: State, arn: str) -> str:
    if arn not in state.tags:
        raise refusal(f'Could not find resource "{arn}".')
    return arn


def _tag_list(state: State, arn: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in state.tags.get(arn, {}).items()]
