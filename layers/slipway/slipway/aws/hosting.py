"""SageMaker hosting. The API has one code for nearly everything, so what happened is told apart by its texts."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, ParamValidationError

from slipway.aws.invoking import invoke
from slipway.aws.refusals import BROKEN_LINE, code_of, is_passing, message_of
from slipway.errors import UnavailableError
from slipway.exchanges import Creation, Made

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

    from slipway.exchanges import Invocation, Item, Reply
    from slipway.ports import Clock

VALIDATION = "ValidationException"
MODEL, CONFIG, ENDPOINT = "model", "endpoint configuration", "endpoint"
"""How SageMaker's texts name things; each is followed by the ARN in double quotes, which tells an endpoint from a
configuration."""

REFUSALS = (VALIDATION, "ResourceLimitExceeded", "ResourceInUse", "ResourceNotFound", "ConflictException")
"""Codes that say no for good. Throttling and 5xx are left to botocore's retries, and raise when those are used up."""

_NO_PACKAGE = re.compile(r"ModelPackage \S+ does not exist\.")

UNSETTLED = (f'Could not find {CONFIG} "', f'Could not find {MODEL} "', "Could not assume role")
"""Texts that may only mean 'not yet': creates read configs, models and roles eventually consistently
(API_CreateEndpoint)."""

PAUSES_SECONDS = (1, 2, 4, 8, 15, 15, 15)
"""How long an unsettled create waits before each further try, a minute in all; jitter takes up to half of it away."""


class SageMakerHosting:
    """Satisfies `slipway.ports.Hosting`."""

    def __init__(
        self,
        control: SageMakerClient,
        runtime: SageMakerRuntimeClient,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Take the clients of the control plane and of the runtime.

        Args:
            control: with botocore's standard retries.
            runtime: without retries, since every invocation counts.
            clock: sleeps between the tries of a create.
            jitter: gives a number from 0 to 1 for each sleep.
        """
        self._sagemaker = control
        self._runtime = runtime
        self._clock = clock
        self._jitter = jitter

    def describe_model(self, name: str) -> Item | None:
        """Give DescribeModel's answer, None when there is no such model."""
        return _describe(MODEL, self._sagemaker.describe_model, ModelName=name)

    def describe_config(self, name: str) -> Item | None:
        """Give DescribeEndpointConfig's answer, None when there is no such config."""
        return _describe(CONFIG, self._sagemaker.describe_endpoint_config, EndpointConfigName=name)

    def describe_endpoint(self, name: str) -> Item | None:
        """Give DescribeEndpoint's answer, None when there is no such endpoint."""
        return _describe(ENDPOINT, self._sagemaker.describe_endpoint, EndpointName=name)

    def describe_package(self, arn: str) -> Item | None:
        """Give DescribeModelPackage's answer, None when there is no such package."""
        try:
            return dict(self._sagemaker.describe_model_package(ModelPackageName=arn))
        except ClientError as error:
            if code_of(error) == VALIDATION and _NO_PACKAGE.fullmatch(message_of(error)):
                return None
            raise

    def endpoint_names(self) -> list[str]:
        """Name every endpoint of the region, all pages of them."""
        pages = self._sagemaker.get_paginator("list_endpoints").paginate()
        return [endpoint["EndpointName"] for page in pages for endpoint in page["Endpoints"]]

    def create_model(self, request: Item) -> Creation:
        """Create a model; EXISTS when its name is taken, by whatever."""
        return self._settled(MODEL, self._sagemaker.create_model, request)

    def create_config(self, request: Item) -> Creation:
        """Create an endpoint config; EXISTS when its name is taken, by whatever."""
        return self._settled(CONFIG, self._sagemaker.create_endpoint_config, request)

    def create_endpoint(self, request: Item) -> Creation:
        """Begin to create an endpoint; EXISTS when its name is taken, by whatever."""
        return self._settled(ENDPOINT, self._sagemaker.create_endpoint, request)

    def update_endpoint(self, request: Item) -> Creation:
        """Begin to update an endpoint; CREATED says that SageMaker took the request."""
        return self._settled(ENDPOINT, self._sagemaker.update_endpoint, request)

    def tag(self, arn: str, tags: dict[str, str]) -> Creation:
        """Add tags to a thing of SageMaker's; CREATED says that it has them."""
        listed = [{"Key": key, "Value": value} for key, value in tags.items()]
        return _attempt(ENDPOINT, self._sagemaker.add_tags, ResourceArn=arn, Tags=listed)

    def delete_model(self, name: str) -> Creation:
        """Delete a model; CREATED says that it is gone, also when it was gone before."""
        return _delete(MODEL, self._sagemaker.delete_model, ModelName=name)

    def delete_config(self, name: str) -> Creation:
        """Delete an endpoint config; CREATED says that it is gone, also when it was gone before."""
        return _delete(CONFIG, self._sagemaker.delete_endpoint_config, EndpointConfigName=name)

    def delete_endpoint(self, name: str) -> Creation:
        """Begin to delete an endpoint; CREATED says that it is going, or was gone before."""
        return _delete(ENDPOINT, self._sagemaker.delete_endpoint, EndpointName=name)

    def invoke(self, invocation: Invocation) -> Reply:
        """Invoke once; whatever the service, the container or the line does is in the reply."""
        return invoke(self._runtime, invocation)

    def _settled(self, thing: str, call: Callable[..., Any], request: Item) -> Creation:
        """Call, and again for up to a minute while SageMaker may not see yet what was made a moment ago."""
        creation = _attempt(thing, call, **request)
        for pause in PAUSES_SECONDS:
            if not _is_unsettled(creation):
                break
            self._clock.sleep(pause * (1 - self._jitter() / 2))
            creation = _attempt(thing, call, **request)
        return creation


def _describe(thing: str, call: Callable[..., Any], **name: str) -> Item | None:
    """Describe a thing, None when it is not there.

    Raises:
        UnavailableError: SageMaker throttles, fails or is not reached, after botocore's own retries.
    """
    try:
        described: Item = call(**name)
    except ClientError as error:
        if _is_missing(thing, code_of(error), message_of(error)):
            return None
        if is_passing(error):
            raise UnavailableError(str(error)) from error
        raise
    except BROKEN_LINE as error:
        raise UnavailableError(str(error)) from error
    return described


def _attempt(thing: str, call: Callable[..., Any], **request: Any) -> Creation:
    try:
        call(**request)
    except ParamValidationError as error:  # botocore checks a part of what SageMaker would refuse
        return Creation(Made.REFUSED, VALIDATION, str(error))
    except ClientError as error:
        code, message = code_of(error), message_of(error)
        if code == VALIDATION and message.startswith(f'Cannot create already existing {thing} "'):
            return Creation(Made.EXISTS, code, message)
        if code in REFUSALS or code.startswith("AccessDenied"):
            return Creation(Made.REFUSED, code, message)
        raise
    return Creation(Made.CREATED)


def _delete(thing: str, call: Callable[..., Any], **name: str) -> Creation:
    creation = _attempt(thing, call, **name)
    if _is_missing(thing, creation.code, creation.message):
        return Creation(Made.CREATED)
    return creation


def _is_missing(thing: str, code: str, message: str) -> bool:
    return code == VALIDATION and message.startswith(f'Could not find {thing} "')


def _is_unsettled(creation: Creation) -> bool:
    return creation.code == VALIDATION and creation.message.startswith(UNSETTLED)
