"""What this app adds to the pages around it."""


def register() -> None:
    """Add nothing yet."""
