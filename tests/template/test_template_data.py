"""What the template keeps: the bucket, the ledger, the topic, the queue, the alarms on the pipeline itself."""

import pytest

from tests.template.cloud_template import deployed, of_type


def properties(name: str) -> dict:
    return dict(deployed()["Resources"][name]["Properties"])


def deny(condition: str) -> dict:
    policy = properties("ArtifactBucketPolicy")["PolicyDocument"]["Statement"]
    return next(
        statement for statement in policy if statement["Effect"] == "Deny" and condition in str(statement["Condition"])
    )


@pytest.mark.parametrize("name", ["ArtifactBucket", "ArtifactBucketPolicy", "LedgerTable"])
def test_what_cannot_be_made_again_outlives_the_stack(name: str) -> None:
    made = deployed()["Resources"][name]
    assert (made["DeletionPolicy"], made["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_bucket_is_versioned_encrypted_private_and_owned_by_the_account() -> None:
    bucket = properties("ArtifactBucket")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": {"Ref": "BucketEncryption"}}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_tells_eventbridge_of_every_drop() -> None:
    assert properties("ArtifactBucket")["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }


def test_only_old_versions_of_drops_and_reports_and_what_was_retired_expire() -> None:
    rules = properties("ArtifactBucket")["LifecycleConfiguration"]["Rules"]
    expiring = {rule.get("Prefix"): set(rule) - {"Id", "Status", "Prefix"} for rule in rules}
    assert expiring == {
        "models/": {"NoncurrentVersionExpiration"},
        "reports/": {"NoncurrentVersionExpiration"},
        "frozen/": {"NoncurrentVersionExpiration"},
        None: {"AbortIncompleteMultipartUpload"},
    }


def test_the_bucket_answers_modern_tls_only() -> None:
    both = [{"Fn::GetAtt": ["ArtifactBucket", "Arn"]}, {"Fn::Sub": "${ArtifactBucket.Arn}/*"}]
    assert deny("aws:SecureTransport")["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert deny("s3:TlsVersion")["Condition"] == {"NumericLessThan": {"s3:TlsVersion": "1.2"}}
    for condition in ("aws:SecureTransport", "s3:TlsVersion"):
        assert (deny(condition)["Principal"], deny(condition)["Action"]) == ("*", "s3:*")
        assert deny(condition)["Resource"] == both


def test_nobody_but_verify_the_artifact_can_write_what_endpoints_serve() -> None:
    statement = deny("aws:PrincipalArn")
    assert (statement["Action"], statement["Resource"]) == (
        "s3:PutObject",
        {"Fn::Sub": "${ArtifactBucket.Arn}/frozen/*"},
    )
    assert statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"] == {
        "Fn::GetAtt": ["VerifyArtifactFunctionRole", "Arn"]
    }


def test_the_ledger_costs_nothing_idle_and_can_be_restored_to_any_second() -> None:
    table = properties("LedgerTable")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


def test_the_ledger_has_the_keys_and_the_index_of_open_releases() -> None:
    table = properties("LedgerTable")
    assert {
        definition["AttributeName"]: definition["AttributeType"] for definition in table["AttributeDefinitions"]
    } == {
        "pk": "S",
        "sk": "S",
        "open_pk": "S",
        "open_sk": "S",
    }
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [("pk", "HASH"), ("sk", "RANGE")]
    (index,) = table["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["Projection"]) == ("open", {"ProjectionType": "ALL"})
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["open_pk", "open_sk"]


def test_notifications_and_lost_events_are_encrypted_at_rest() -> None:
    assert properties("NotificationsTopic")["KmsMasterKeyId"] == "alias/aws/sns"
    assert properties("LostEventsQueue")["SqsManagedSseEnabled"] is True


def test_lost_events_are_kept_as_long_as_a_queue_can() -> None:
    assert properties("LostEventsQueue")["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("name", sorted(of_type("AWS::CloudWatch::Alarm")))
def test_an_alarm_on_the_pipeline_is_not_named_like_those_that_are_swept(name: str) -> None:
    alarm = properties(name)
    assert alarm["AlarmName"]["Fn::Sub"].startswith("pipeline-")
    assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("name", sorted(of_type("AWS::CloudWatch::Alarm")))
def test_an_alarm_on_the_pipeline_speaks_through_a_topic_that_cloudwatch_can_publish_to(name: str) -> None:
    assert properties(name)["AlarmActions"] == {
        "Fn::If": ["TellsOperators", [{"Ref": "OperatorsTopicArn"}], {"Ref": "AWS::NoValue"}]
    }


def test_every_log_group_forgets_after_the_time_that_was_chosen() -> None:
    for name, group in of_type("AWS::Logs::LogGroup").items():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}, name
