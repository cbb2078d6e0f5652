"""SNS: what the hosting service tells topics."""

from ministack.services import sns


def publish(topic: str, message: str) -> None:
    """Publish a message to a topic, by its ARN.

    Raises:
        OSError: there is no such topic, or SNS refuses the message.
    """
    try:
        published = sns.publish_internal(topic, message)
    except sns.SnsPublishError as error:
        raise OSError(f"{topic}: {error}") from error
    if published is None:
        raise FileNotFoundError(f"{topic}: there is no such topic")
