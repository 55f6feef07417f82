"""Prepare the demo database, then keep web, worker and beat running together until one stops or Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from honcho.compat import ProcessManager
from honcho.environ import parse_procfile
from honcho.manager import SIGNALS, Manager

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    port = os.environ.get("PORT", "8000")
    if problem := port_problem(port):
        print(problem, file=sys.stderr)
        return 1
    os.chdir(ROOT)
    environment = demo_environment(port)
    Path(environment["QUDAO_VAR"]).mkdir(parents=True, exist_ok=True)
    for arguments in (
        ("migrate", "--verbosity", "0"),
        ("demo_data", "--size", os.environ.get("SIZE", "demo"), "--seed", "1", "--if-empty"),
    ):
        if code := manage(arguments, environment):
            print(f"The demo could not be prepared: manage.py {' '.join(arguments)} failed.", file=sys.stderr)
            return code
    if code := manage(("demo_logins",), environment):
        return code
    print(f"\nStarting http://127.0.0.1:{port}/ with its worker and scheduler; Ctrl-C ends all of it.\n", flush=True)
    return supervise(environment)


def port_problem(port: str) -> str:
    """Return why this port cannot be served, or nothing."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT={port} is not a port number."
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            return f"Port {port} cannot be used ({error.strerror}). Choose another one: make demo PORT=8001"
    return ""


def demo_environment(port: str) -> dict[str, str]:
    """Return this environment without what would point at another database, broker or secret."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    folder = os.environ.get("QUDAO_VAR", str(ROOT / "var"))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return kept | {"DEBUG": "1", "PORT": port, "QUDAO_VAR": folder, "PATH": path, "PYTHONUNBUFFERED": "1"}


def manage(arguments: tuple[str, ...], environment: dict[str, str]) -> int:
    return subprocess.run([sys.executable, "manage.py", *arguments], env=environment, check=False).returncode


class Leaders(ProcessManager):
    """Asks only the leader of each group to end: Celery's children are ended by Celery, after their job."""

    def terminate(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)


def supervise(environment: dict[str, str]) -> int:
    """Run the Procfile; every process ends with the first, and one that ends by itself is a failure."""
    manager = Manager()
    manager._procmgr = Leaders()  # honcho offers no other way to choose who is signalled
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        # `exec` makes the process its group's leader, so that no shell stands between it and the signal.
        manager.add_process(name, f"exec {command}", env=environment)
    # A closed terminal must end the processes too: they lead sessions of their own.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    manager.loop()
    if manager.returncode in {expected["rc"] for expected in SIGNALS.values()}:
        print("Qudao has stopped.")
        return 0 if manager.returncode == SIGNALS[signal.SIGINT]["rc"] else manager.returncode
    print("One of the processes stopped by itself (see its last lines above), so all were stopped.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
