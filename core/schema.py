"""How the OpenAPI document is made."""

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """The schema of one operation."""
