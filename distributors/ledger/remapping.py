"""What stays of a mapping where its file is read in another way: what somebody chose, if its columns are there."""

from typing import Any

from distributors.ledger.mapping import PLACEHOLDER

CELLS = ("decimal", "thousands", "dates")
HOW_READ = ("encoding", "delimiter", "sheet", "header", "header_above")


def mapping_kept(sent: dict[str, Any], was: dict[str, Any], fresh: dict[str, Any], header: list[str]) -> dict[str, Any]:
    """Return the mapping recognised anew with the choices of `sent` that were not recognised but made.

    `was` is what had been recognised of the file as it was read before, `fresh` what is now. A choice stays where the
    columns that it reads are still there; a column that somebody took out stays out.
    """
    kept = {name: sent[name] for name in (*HOW_READ, "kind", "source", "name") if name in sent}
    kept |= {name: sent[name] for name in CELLS if name in sent and sent[name] != was.get(name, sent[name])}
    found = {name: value for name, value in fresh.items() if name not in kept} | kept
    if sent.get("levels") and sent["levels"] != was.get("levels"):
        if all(_there(plan, header) for layer in sent["levels"] for plan in layer.values()):
            found.pop("columns", None)
            return found | {"levels": sent["levels"]}
        return found
    found |= _across(sent.get("across"), was.get("across"), header)
    columns = sent.get("columns") or {}
    made = _made(columns, was.get("columns") or {}, header)
    if not found.get("levels"):
        found["columns"] = _columns(columns, was.get("columns") or {}, fresh.get("columns") or {}) | made
    elif made:
        found.pop("levels")
        found["columns"] = made
    return found


def _across(sent: Any, was: Any, header: list[str]) -> dict[str, Any]:
    """Return the columns side by side that somebody chose, where they are still there."""
    return {"across": sent} if sent and sent != was and set(sent["columns"]) <= set(header) else {}


def _made(sent: dict[str, Any], was: dict[str, Any], header: list[str]) -> dict[str, Any]:
    return {name: plan for name, plan in sent.items() if plan != was.get(name) and _there(plan, header)}


def _columns(sent: dict[str, Any], was: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """Return what is recognised now, without the columns that somebody took out."""
    out = {name for name, plan in was.items() if name not in sent and plan == fresh.get(name)}
    return {name: plan for name, plan in fresh.items() if name not in out}


def _there(plan: dict[str, Any], header: list[str]) -> bool:
    """Tell whether a plan reads only columns that are there."""
    texts = [plan.get("template", ""), plan.get("other", ""), *plan.get("values", {}).values()]
    reads = {name for text in texts for name in PLACEHOLDER.findall(text)} | {plan.get("from", "")} - {""}
    return reads <= set(header)
