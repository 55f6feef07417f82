"""A mapping profile as TOML, as people keep and exchange it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from distributors.ledger.mapping import across_ordered

TABLES = {"columns", "levels", "across"}
BARE = re.compile(r"[A-Za-z0-9_-]+")


def profile_text(profile: dict[str, Any]) -> str:
    """Return the profile as TOML that `profile_read` reads as the same profile."""
    lines = [f"{name} = {_value(value)}" for name, value in profile.items() if name not in TABLES]
    if columns := profile.get("columns"):
        lines += ["", "[columns]", *_columns(columns)]
    if across := profile.get("across"):
        how = {name: one for name, one in across.items() if name != "columns"}
        lines += ["", "[across]", *_columns(how)]
        lines += ["", "[across.columns]", *_columns(dict(across_ordered(across["columns"])), _key)]
    for level in profile.get("levels") or []:
        lines += ["", "[[levels]]", *_columns(level)]
    return "\n".join(lines) + "\n"


def _columns(columns: Mapping[str, Any], key: Callable[[str], str] = str) -> list[str]:
    return [f"{key(name)} = {_value(plan)}" for name, plan in columns.items()]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{_key(name)} = {_value(one)}" for name, one in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def profile_differences(yours: dict[str, Any], theirs: dict[str, Any]) -> list[dict[str, str]]:
    """Return, for each key in which two profiles differ, the key and both values as TOML."""
    mine, other = _flat(yours), _flat(theirs)
    keys = [key for key in dict.fromkeys([*mine, *other]) if mine.get(key) != other.get(key)]
    return [{"label": key, "yours": mine.get(key, ""), "theirs": other.get(key, "")} for key in keys]


def _flat(profile: dict[str, Any]) -> dict[str, str]:
    found = {name: _value(value) for name, value in profile.items() if name not in TABLES}
    for name, plan in (profile.get("columns") or {}).items():
        found[name] = _value(plan)
    for name, one in (profile.get("across") or {}).items():
        parts = one if name == "columns" else {"": one}
        found |= {f"across.{name}{'.' if key else ''}{key}": _value(text) for key, text in parts.items()}
    for number, level in enumerate(profile.get("levels") or [], 1):
        found |= {f"{number}. {name}": _value(plan) for name, plan in level.items()}
    return found
