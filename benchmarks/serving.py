"""The product behind gunicorn on the loopback address, and clients that ask it."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKERS, THREADS = 2, 4


@contextmanager
def gunicorn() -> Iterator[int]:
    """Serve the product as the Procfile does and give the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = str(Path(sys.executable).parent / "gunicorn")
    options = [
        "--workers",
        str(WORKERS),
        "--threads",
        str(THREADS),
        "--timeout",
        "60",
        "--keep-alive",
        "10",
        "--no-control-socket",
    ]
    process = subprocess.Popen(
        [program, "config.wsgi", "--bind", f"127.0.0.1:{port}", "--log-level", "error", *options],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"},
    )
    try:
        _await(port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def _await(port: int) -> None:
    for _attempt in range(300):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("gunicorn did not answer")


def requests_per_second(port: int, path: str, headers: dict[str, str], *, clients: int, seconds: float) -> float:
    """Return how many answers a second `clients` get who ask again as soon as they are answered."""
    counts = [0] * clients
    end = time.monotonic() + seconds

    def ask(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < end:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            if response.status != 200:
                raise RuntimeError(f"{path} answered {response.status}")
            counts[number] += 1

    started = time.monotonic()
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - started)


def signed_in(email: str) -> Any:
    """Return a test client signed in as a demo person."""
    from django.test import Client

    from accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email), backend="accounts.backends.EmailBackend")
    return client


def cookie(client: Any) -> dict[str, str]:
    """Return the header that carries a client's session."""
    return {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
