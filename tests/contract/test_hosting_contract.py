"""Hosting: what the fake and SageMaker by Drydock both keep to."""

from uuid import uuid4

import pytest

from slipway.exchanges import Invocation, Made
from slipway.rollout.guardrails import rollback_config
from tests.contract.hosting_sides import Side, drydock_side, fake_side


@pytest.fixture(params=["fake", pytest.param("drydock", marks=pytest.mark.cloud)])
def side(request: pytest.FixtureRequest) -> Side:
    name = f"contract-{uuid4().hex[:8]}"
    if request.param == "fake":
        return fake_side(name)
    return drydock_side(name, request.getfixturevalue("drydock_endpoint_url"))


class TestModelsAndConfigs:
    def test_what_was_never_made_is_described_as_none(self, side: Side) -> None:
        assert side.hosting.describe_model(side.name) is None
        assert side.hosting.describe_config(side.name) is None
        assert side.hosting.describe_endpoint(side.name) is None

    def test_a_model_is_described_as_it_was_asked_for(self, side: Side) -> None:
        request = side.model(side.name, side.good)
        assert side.hosting.create_model({**request, "Tags": [{"Key": "a", "Value": "b"}]}).made is Made.CREATED
        described = side.hosting.describe_model(side.name)
        assert described is not None
        assert described["PrimaryContainer"].items() >= request["PrimaryContainer"].items()
        assert described["ExecutionRoleArn"] == side.role

    def test_a_model_in_a_vpc_is_described_with_it(self, side: Side) -> None:
        vpc = {"SecurityGroupIds": ["sg-0a1b2c3d"], "Subnets": ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]}
        request = {**side.model(side.name, side.good), "VpcConfig": vpc}
        assert side.hosting.create_model(request).made is Made.CREATED
        described = side.hosting.describe_model(side.name)
        assert described is not None
        assert described["VpcConfig"] == vpc

    def test_a_config_is_described_as_it_was_asked_for(self, side: Side) -> None:
        name = side.prepare()
        described = side.hosting.describe_config(name)
        assert described is not None
        wanted = side.config(name, name)["ProductionVariants"][0]
        assert described["ProductionVariants"][0].items() >= wanted.items()

    def test_a_second_create_of_a_name_exists(self, side: Side) -> None:
        name = side.prepare()
        again = [
            side.hosting.create_model(side.model(name, side.good)),
            side.hosting.create_config(side.config(name, name)),
        ]
        assert [creation.made for creation in again] == [Made.EXISTS, Made.EXISTS]
        assert all(creation.message.startswith("Cannot create already existing") for creation in again)

    def test_a_config_of_an_unknown_model_is_refused(self, side: Side) -> None:
        creation = side.hosting.create_config(side.config(side.name, f"{side.name}-none"))
        assert (creation.made, creation.code) == (Made.REFUSED, "ValidationException")
        assert creation.message.startswith('Could not find model "')

    def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, side: Side) -> None:
        name = side.prepare()
        for _ in range(2):
            assert side.hosting.delete_config(name).made is Made.CREATED
            assert side.hosting.delete_model(name).made is Made.CREATED
        assert side.hosting.describe_config(name) is None
        assert side.hosting.describe_model(name) is None


class TestEndpoints:
    def test_a_new_endpoint_is_creating_and_then_in_service_at_full_strength(self, side: Side) -> None:
        config = side.prepare()
        request = {"EndpointName": side.name, "EndpointConfigName": config}
        assert side.hosting.create_endpoint(request).made is Made.CREATED
        assert (side.described()["EndpointStatus"], side.described()["EndpointConfigName"]) == ("Creating", config)
        side.settle(side.name)
        served = side.described()
        assert (served["EndpointStatus"], served["EndpointConfigName"]) == ("InService", config)
        variant = served["ProductionVariants"][0]
        assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 1)
        assert "PendingDeploymentSummary" not in served

    def test_an_endpoint_on_an_unknown_config_is_refused(self, side: Side) -> None:
        creation = side.hosting.create_endpoint({"EndpointName": side.name, "EndpointConfigName": side.name})
        assert creation.made is Made.REFUSED
        assert creation.message.startswith('Could not find endpoint configuration "')

    def test_a_second_create_of_an_endpoint_exists(self, side: Side) -> None:
        config = side.serve()
        creation = side.hosting.create_endpoint({"EndpointName": side.name, "EndpointConfigName": config})
        assert creation.made is Made.EXISTS

    def test_an_update_is_pending_until_the_new_config_serves(self, side: Side) -> None:
        old, new = side.serve(), side.prepare("2")
        before = side.described()["LastModifiedTime"]
        assert side.hosting.update_endpoint(side.update(new)).made is Made.CREATED
        moving = side.described()
        assert (moving["EndpointStatus"], moving["EndpointConfigName"]) == ("Updating", old)
        assert moving["PendingDeploymentSummary"]["EndpointConfigName"] == new
        side.settle(side.name)
        served = side.described()
        assert (served["EndpointStatus"], served["EndpointConfigName"]) == ("InService", new)
        assert "PendingDeploymentSummary" not in served
        assert served["LastModifiedTime"] > before

    def test_an_endpoint_that_is_being_changed_takes_no_other_change(self, side: Side) -> None:
        side.serve()
        side.hosting.update_endpoint(side.update(side.prepare("2")))
        refused = [
            side.hosting.update_endpoint(side.update(side.prepare("3"))),
            side.hosting.delete_endpoint(side.name),
        ]
        assert [creation.made for creation in refused] == [Made.REFUSED, Made.REFUSED]
        assert all(creation.message.startswith("Cannot update in-progress endpoint") for creation in refused)

    def test_an_update_that_fails_ends_in_service_on_the_old_config(self, side: Side) -> None:
        old, bad = side.serve(), side.prepare("bad", side.crashing)
        side.hosting.update_endpoint(side.update(bad))
        side.roll_back(side.name)
        served = side.described()
        assert (served["EndpointStatus"], served["EndpointConfigName"]) == ("InService", old)
        assert "PendingDeploymentSummary" not in served

    def test_a_serverless_endpoint_says_so_and_is_updated_without_guardrails_only(self, side: Side) -> None:
        model = side.prepare()
        for name in ("a", "b"):
            side.hosting.create_config(side.serverless(f"{side.name}-{name}", model))
        side.hosting.create_endpoint({"EndpointName": side.name, "EndpointConfigName": f"{side.name}-a"})
        side.settle(side.name)
        (variant,) = side.described()["ProductionVariants"]
        assert variant["CurrentServerlessConfig"]["MaxConcurrency"] == 2
        assert "DesiredInstanceCount" not in variant
        request = {"EndpointName": side.name, "EndpointConfigName": f"{side.name}-b"}
        guarded = {**request, "DeploymentConfig": rollback_config(600)}
        assert side.hosting.update_endpoint(guarded).made is Made.REFUSED
        assert side.hosting.update_endpoint(request).made is Made.CREATED
        side.settle(side.name)
        assert side.described()["EndpointConfigName"] == f"{side.name}-b"

    def test_an_update_of_an_unknown_endpoint_is_refused(self, side: Side) -> None:
        creation = side.hosting.update_endpoint(side.update(side.prepare()))
        assert creation.made is Made.REFUSED
        assert creation.message.startswith('Could not find endpoint "')

    def test_a_deleted_endpoint_is_gone_and_may_be_deleted_again(self, side: Side) -> None:
        side.serve()
        assert side.hosting.delete_endpoint(side.name).made is Made.CREATED
        side.settle(side.name)
        assert side.hosting.describe_endpoint(side.name) is None
        assert side.hosting.delete_endpoint(side.name).made is Made.CREATED

    def test_every_endpoint_is_named_and_one_that_is_gone_is_not(self, side: Side) -> None:
        side.serve()
        assert side.name in side.hosting.endpoint_names()
        side.hosting.delete_endpoint(side.name)
        side.settle(side.name)
        assert side.name not in side.hosting.endpoint_names()

    def test_an_endpoint_can_be_tagged_once_and_again(self, side: Side) -> None:
        side.serve()
        for value in ("one", "two"):
            side.hosting.tag(side.described()["EndpointArn"], {"slipway:release": value})
        assert side.described()["EndpointStatus"] == "InService"


class TestInvocations:
    def test_an_endpoint_in_service_answers(self, side: Side) -> None:
        side.serve()
        reply = side.hosting.invoke(Invocation(side.name, b"{}", "application/json", "application/json", "release-1"))
        assert (reply.status, reply.body, reply.error) == (200, b'{"ok": true}', "")
        assert (reply.content_type, reply.variant) == ("application/json", "main")
        assert reply.latency_ms > 0

    def test_an_unknown_endpoint_does_not_answer(self, side: Side) -> None:
        reply = side.hosting.invoke(Invocation(side.name, b"{}", "application/json", "application/json"))
        assert (reply.status, reply.body, reply.error) == (0, b"", "ValidationError")
        assert "not found" in reply.message
