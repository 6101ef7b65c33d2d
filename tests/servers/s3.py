"""The address and the credentials of an S3 server, whatever its make."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running S3 server on the loopback address, plain http."""

    endpoint: str
    """`host:port`, as the minio SDK wants it."""
    access_key: str
    secret_key: str
    secure: bool = False
