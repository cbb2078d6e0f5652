"""ModelError: what the caller of InvokeEndpoint hears when a container refuses, fails or stays silent; pure."""

from drydock.sagemaker.answers import ContainerAnswer
from drydock.sagemaker.definitions.containers import hostnames
from drydock.sagemaker.errors import ServiceError
from drydock.sagemaker.memory.model import Variant
from drydock.sagemaker.place import Place

_LONGEST_MESSAGE = 2048
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container {hostname}. Review the latency metrics for "
    "each container in Amazon CloudWatch, resolve the issue, and try again."
)
_NO_ANSWER = "Amazon SageMaker could not get a response from container {hostname}."


def model_error(
    place: Place, endpoint: str, variant: Variant, answer: ContainerAnswer, *, timed_out: bool
) -> ServiceError:
    """Make the error for an answer that is not 2xx.

    Args:
        place: whose logs it points to.
        endpoint: its name.
        variant: where the request went.
        answer: what the container answered; status 0 where nothing came.
        timed_out: whether it had its whole time and said nothing.
    """
    hostname = answer.calls[-1].hostname if answer.calls else hostnames(variant.containers)[0]
    group = f"/aws/sagemaker/Endpoints/{endpoint}"
    text = _original_message(answer, hostname, timed_out=timed_out)
    side = "client" if 400 <= answer.status < 500 else "server"
    message = (
        f'Received {side} error ({answer.status}) from {hostname} with message "{text}". '
        f"See https://{place.region}.console.aws.amazon.com/cloudwatch/home?region={place.region}"
        f"#logEventViewer:group={group} in account {place.account} for more information."
    )
    members = {
        "ErrorCode": f"{'CLIENT_ERROR' if side == 'client' else 'INTERNAL_FAILURE'}_FROM_MODEL",
        "OriginalStatusCode": answer.status,
        "OriginalMessage": text,
        "LogStreamArn": place.log_group_arn(group),
    }
    return ServiceError("ModelError", message, 424, members)


def _original_message(answer: ContainerAnswer, hostname: str, *, timed_out: bool) -> str:
    if answer.status:
        return answer.body[: 4 * _LONGEST_MESSAGE].decode(errors="replace")[:_LONGEST_MESSAGE]
    return (_TIMED_OUT if timed_out else _NO_ANSWER).format(hostname=hostname)
