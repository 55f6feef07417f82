"""Private PostgreSQL and Redis servers on free ports, from installed binaries; the machine's own are left alone."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from tests.waiting import wait_until

DEBIAN_PACKAGES = {
    "PostgreSQL": ("postgresql",),
    "Redis": ("redis-server",),
    "Chromium": ("chromium", "fonts-noto-cjk"),
    "gettext": ("gettext",),
}
PR_SET_PDEATHSIG = 1


def postgres_folder() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest version first."""
    versions = Path("/usr/lib/postgresql").glob("*/bin")
    candidates = sorted(versions, key=lambda path: float(path.parent.name), reverse=True)
    if program := shutil.which("pg_config"):
        answer = subprocess.run([program, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(answer.stdout.strip() or "/nonexistent"))
    if program := shutil.which("postgres"):
        candidates.append(Path(program).resolve().parent)
    return next((path for path in candidates if (path / "postgres").exists() and (path / "initdb").exists()), None)


def chromium() -> str | None:
    """Return the browser that the tests drive: CHROMIUM, or the machine's."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def missing() -> list[str]:
    """Return the names of what the full suite needs and this machine lacks."""
    present = {
        "PostgreSQL": postgres_folder(),
        "Redis": shutil.which("redis-server"),
        "Chromium": chromium(),
        "gettext": shutil.which("xgettext"),
    }
    return [name for name, found in present.items() if not found]


def install_missing() -> list[str]:
    """Install what is missing from Debian's packages where that is allowed; return what is missing still."""
    names = missing()
    if names and os.geteuid() == 0 and shutil.which("apt-get"):
        packages = [package for name in names for package in DEBIAN_PACKAGES[name]]
        print(f"Installing {', '.join(packages)}", flush=True)
        quiet = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "check": False}
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], env=environment, **quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages], env=environment, **quiet
        )
    return missing()


def free_port() -> int:
    """Return a TCP port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent(number: int) -> None:
    """Ask the kernel to signal this process when its parent dies, so that a killed test run leaves nothing behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


class Server:
    """One server process in a folder of its own, stopped at the end of the `with` block."""

    stop_signal = signal.SIGTERM
    orphan_signal = signal.SIGTERM
    name = "server"

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"qudao-{self.name}-"))
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def popen_options(self) -> dict[str, Any]:
        return {}

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(end_with_parent, self.orphan_signal),
                **self.popen_options(),
            )
        wait_until(self.answers, within=60, what=f"answer of {self.name}: {self.log()}")

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def restart(self) -> None:
        """Stop and start on the same port with the same data."""
        self.stop()
        self.start()

    def log(self) -> str:
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-2000:] if path.exists() else ""

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """A cluster with trust authentication; `durable` keeps fsync as production has it, for measuring."""

    name = "postgres"
    stop_signal = signal.SIGINT
    orphan_signal = signal.SIGQUIT
    CLUSTER = ("-U", "qudao", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
    FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=256MB", "jit=off")
    DURABLE = ("shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=30min", "maintenance_work_mem=256MB")

    def __init__(self, *, durable: bool = False) -> None:
        super().__init__()
        found = postgres_folder()
        if found is None:
            raise FileNotFoundError("PostgreSQL's server programs are not installed.")
        self.programs = found
        self.options = self.DURABLE if durable else self.FAST
        self.owner = unprivileged_user()
        if self.owner is not None:
            os.chown(self.folder, self.owner.pw_uid, self.owner.pw_gid)
        subprocess.run(
            [found / "initdb", "-D", self.folder / "data", *self.CLUSTER],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **self.popen_options(),
        )
        self.start()

    def popen_options(self) -> dict[str, Any]:
        if self.owner is None:
            return {}
        environment = os.environ | {"HOME": str(self.folder)}
        return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": [], "env": environment}

    def command(self) -> list[str]:
        options = (*self.options, "listen_addresses=127.0.0.1", "max_connections=200")
        settings = [part for option in options for part in ("-c", option)]
        program = str(self.programs / "postgres")
        return [program, "-D", str(self.folder / "data"), "-k", str(self.folder), "-p", str(self.port), *settings]

    def answers(self) -> bool:
        if not self.running():
            raise RuntimeError(f"PostgreSQL did not start: {self.log()}")
        question = [self.programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(question, check=False).returncode == 0

    def create_database(self, name: str) -> None:
        question = [self.programs / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "qudao", name]
        subprocess.run(question, check=True)

    def url(self, database: str = "postgres") -> str:
        return f"postgres://qudao@127.0.0.1:{self.port}/{database}"


class Redis(Server):
    """A Redis that keeps nothing on disk."""

    name = "redis"

    def __init__(self) -> None:
        super().__init__()
        self.start()

    def command(self) -> list[str]:
        options = {"port": self.port, "bind": "127.0.0.1", "databases": 512, "appendonly": "no", "dir": self.folder}
        arguments = (part for name, value in options.items() for part in (f"--{name}", str(value)))
        return ["redis-server", *arguments, "--save", ""]

    def answers(self) -> bool:
        if not self.running():
            raise RuntimeError(f"Redis did not start: {self.log()}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(b"PING\r\n")
                return line.recv(7) == b"+PONG\r\n"
        except OSError:
            return False

    def url(self, database: int = 0) -> str:
        return f"redis://127.0.0.1:{self.port}/{database}"


def unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom PostgreSQL runs as when this process is root, which it refuses to be."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


if __name__ == "__main__":
    left = install_missing()
    print(f"Still missing: {', '.join(left)}" if left else "PostgreSQL, Redis, Chromium and gettext are installed.")
