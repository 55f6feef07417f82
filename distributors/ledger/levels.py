"""A territory tree that stands in columns side by side, such as group, country and region."""

from distributors.ledger.cells import Column
from distributors.ledger.names import NOISE, likeness, parts_of

LEVELS = (
    ("group", "group|continent|zone|大区|战区"),
    ("country", "country|nation|国家"),
    ("province", "province|state|省|省份"),
    ("region", "region|area|territory|区域|片区"),
    ("city", "city|城市"),
    ("district", "district|county|区县"),
)
ALIKE = 55.0
CODES = {*NOISE, "alternate"} - {"english", "the", "of"}


def levels_of(columns: list[Column]) -> list[dict[str, dict[str, str]]]:
    """Return one layer of a profile for each level of the tree; none where the columns hold no such tree."""
    if any(likeness(column.name, ["parent", "within", "上级", "上级编码"]) > ALIKE for column in columns):
        return []
    chain = _chain(columns)
    if len(chain) < 2:
        return []
    key = next((column for column in columns if column.unique and _is_code(column)), None)
    layers, above = list[dict[str, dict[str, str]]](), ""
    for number, (level, column) in enumerate(chain):
        template = f"{above}/{{{column.name}}}" if above else f"{{{column.name}}}"
        last = number == len(chain) - 1
        code = {"from": key.name} if last and key else {"template": template}
        layer = {"code": code, "name": {"from": column.name}, "level": {"default": level}}
        layers.append(layer | ({"parent": {"template": above}} if above else {}))
        above = template
    return layers


def _is_code(column: Column) -> bool:
    parts = parts_of(column.name)
    return bool(parts) and (bool(CODES & set(parts)) or parts[-1].endswith(("编码", "编号", "代码")))


def _chain(columns: list[Column]) -> list[tuple[str, Column]]:
    """Return the columns that lie within each other, the widest first, each with the name of its level."""
    found: list[tuple[str, Column]] = []
    for level, names in LEVELS:
        scored = [(likeness(one.name, names.split("|")), one) for one in columns if one.filled and not _is_code(one)]
        score, column = max(scored, key=lambda one: one[0], default=(0.0, None))
        if column is not None and score >= ALIKE and all(column is not other for _level, other in found):
            found.append((level, column))
    found.sort(key=lambda one: len(one[1].distinct))
    kept = found[:1]
    for level, column in found[1:]:
        pairs = set(zip(column.cells, kept[-1][1].cells, strict=True))
        if len(pairs) == len({mine for mine, _theirs in pairs}):
            kept.append((level, column))
    return kept
