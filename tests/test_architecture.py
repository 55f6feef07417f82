"""The house rules that a linter does not know."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "core", "accounts", "distributors")
NAMELESS = {"utils", "helpers", "common", "mixins", "constants", "misc"}
GENERIC_LAYER = ("sections", "tables", "filters", "forms", "exports", "api", "panels")
GENERIC_LAYER_LINES = 1500
MODULE_LINES = 400
FUNCTION_LINES = 60
TEMPLATE_LINES = 150
MODEL_SIGNALS = {"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}


def sources() -> list[Path]:
    found = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts]
    return sorted(found)


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def trees() -> list[tuple[str, ast.Module]]:
    return [(name_of(path), ast.parse(path.read_text(encoding="utf-8"))) for path in sources()]


def found_in(paths: list[Path], pattern: str, *, but_not: tuple[str, ...] = ()) -> list[str]:
    """Return the lines that match, as places; what stands inside a template tag is not HTML and does not count."""
    expression = re.compile(pattern)
    return [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in paths
        if name_of(path) not in but_not
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if expression.search(re.sub(r"{[%{#].*?[%}#]}", "", line) if path.suffix == ".html" else line)
    ]


def test_there_is_something_to_look_at():
    assert len(sources()) > 20
    assert len(templates()) > 5


def test_no_function_is_longer_than_a_reviewer_reads():
    long = [
        f"{name}:{node.lineno} {node.name}: {node.end_lineno - node.lineno + 1} lines"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    ]
    assert long == []


@pytest.mark.parametrize(
    ("files", "most"), [(sources, MODULE_LINES), (templates, TEMPLATE_LINES)], ids=["modules", "templates"]
)
def test_no_file_is_longer_than_a_reviewer_reads(files, most):
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files()}
    assert {name: size for name, size in sizes.items() if size > most} == {}


def test_every_module_is_named_for_what_it_holds():
    assert [name_of(path) for path in sources() if path.stem in NAMELESS or path.parent.name in NAMELESS] == []


def test_the_generic_layer_stays_small():
    paths = [path for name in GENERIC_LAYER for path in (ROOT / "core").glob(f"{name}.py")]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in paths) < GENERIC_LAYER_LINES


def test_only_the_clock_knows_today():
    pattern = r"\b(datetime|date|timezone)\.((now|today|utcnow)\(|(localdate|localtime)\(\))|\btime\.time\("
    assert found_in(sources(), pattern, but_not=("core/clock.py",)) == []


def test_only_jobs_publish_to_the_broker():
    assert found_in(sources(), r"\.(delay|apply_async|send_task)\(", but_not=("core/jobs.py",)) == []


def test_no_signal_of_our_models_is_listened_to():
    listened = [
        f"{name}:{node.lineno}: {alias.name}"
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("django.")
        for alias in node.names
        if alias.name in MODEL_SIGNALS or alias.name == "receiver"
    ]
    assert listened == []


def test_nothing_catches_everything():
    assert found_in(sources(), r"except\s*(\(?\s*(Base)?Exception\b|:)") == []


def test_no_model_overrides_save():
    overriding = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        if Path(name).stem == "models" or "models" in Path(name).parts
        for klass in ast.walk(tree)
        if isinstance(klass, ast.ClassDef)
        for node in klass.body
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}
    ]
    assert overriding == []


def test_nothing_is_kept_in_a_thread_local():
    assert found_in(sources(), r"threading\.local|ContextVar\(|asgiref\.local") == []


def test_services_take_keywords_only():
    positional = [
        f"{name}:{node.lineno} {node.name}"
        for name, tree in trees()
        if Path(name).stem == "services" or "services" in Path(name).parts
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and (node.args.args or node.args.posonlyargs)
    ]
    assert positional == []


def test_templates_hold_no_script_style_or_handler_of_their_own():
    inline = r"""<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|\shx-on|hx-vars|hx-vals=["']js"""
    scripts = [
        f"{name_of(path)}: {match.group()[:80]}"
        for path in templates()
        for match in re.finditer(r"<script\b[^>]*>", path.read_text(encoding="utf-8"))
        if "src=" not in match.group() and "application/json" not in match.group() and "importmap" not in match.group()
    ]
    assert found_in(templates(), inline) + scripts == []


def test_templates_ask_no_other_origin_for_anything():
    assert found_in(templates(), r"""(src|href|action)\s*=\s*["'](https?:)?//""") == []


def test_production_installs_the_very_versions_that_are_tested():
    def pins(name):
        return set(re.findall(r"^\S+==\S+", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("requirements-production.lock") <= pins("requirements.lock")
