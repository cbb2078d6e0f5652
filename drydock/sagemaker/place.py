"""Whose cloud this is: the account and region that every ARN carries."""

from dataclasses import dataclass

from drydock.sagemaker.errors import refusal

ACCOUNT = "000000000000"
REGION = "us-east-1"


@dataclass(frozen=True)
class Place:
    """An account and a region."""

    account: str = ACCOUNT
    region: str = REGION

    def arn(self, kind: str, name: str) -> str:
        """Give the ARN of a resource; SageMaker writes its name in lower case.

        Args:
            kind: model, endpoint-config or endpoint.
            name: as it was given at create.
        """
        return f"arn:aws:sagemaker:{self.region}:{self.account}:{kind}/{name.lower()}"

    def log_group_arn(self, group: str) -> str:
        """Give the ARN of a CloudWatch Logs group."""
        return f"arn:aws:logs:{self.region}:{self.account}:log-group:{group}"


@dataclass(frozen=True)
class Tempo:
    """How fast SageMaker's time passes here."""

    scale: float = 1.0
    """How many seconds of SageMaker pass in one real second."""
    provisioning_seconds: float = 0.0
    """SageMaker's seconds that bringing up a fleet takes at least."""
    shortest_startup: float = 2.0
    """Real seconds that a container always has until /ping must answer: no process starts faster in scaled time."""

    ping_seconds: float = 5.0
    """Real seconds between two pings of a serving instance; AWS's own interval is not known."""

    def real(self, seconds: float) -> float:
        """Turn SageMaker's seconds into real ones."""
        return seconds / self.scale


def split_s3(url: str) -> tuple[str, str]:
    """Split s3://bucket/key.

    Raises:
        ServiceError: it is another kind of address.
    """
    scheme, _, rest = url.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket or not key:
        raise refusal(f"Could not find model data at {url}.")
    return bucket, key
