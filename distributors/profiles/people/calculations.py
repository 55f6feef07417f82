"""Where people stand in the organisation chart and on the influence map, in pixels of the drawing.

Pure: keys in, boxes and lines out. Reports-to is a forest, because a circle is refused where it is written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

WIDE, HIGH = 188, 64
GAP_X, GAP_Y = 20, 34
STACK_Y, INDENT = 12, 28
MARGIN = 12
HEAD = 34
LOOSE_IN_A_ROW = 5

Key = int


@dataclass(frozen=True)
class Box:
    """The corner of a person's box."""

    key: Key
    x: int
    y: int

    @property
    def middle(self) -> tuple[int, int]:
        """Return the point in its middle."""
        return self.x + WIDE // 2, self.y + HIGH // 2


@dataclass(frozen=True)
class Line:
    """A line between two people: of which kind, its path, and where its sign stands."""

    kind: str
    path: str
    x: int
    y: int


@dataclass(frozen=True)
class Label:
    """A word of the drawing's own: the head of a column or of a row, by its code."""

    code: str
    x: int
    y: int


@dataclass
class Picture:
    """A drawing with its size."""

    boxes: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    width: int = 0
    height: int = 0

    def fit(self) -> "Picture":
        """Take the size that holds everything."""
        self.width = max((box.x + WIDE for box in self.boxes), default=0) + MARGIN
        self.height = max((box.y + HIGH for box in self.boxes), default=0) + MARGIN
        return self


def organisation(keys: Sequence[Key], bosses: Mapping[Key, Key]) -> Picture:
    """Return the chart: everybody below whom they report to, reports without reports of their own in a column.

    `keys` come in the order in which they are to stand; `bosses` maps a person to the one they report to. Who reports
    to nobody and leads nobody stands below the trees, in rows.
    """
    below: dict[Key, list[Key]] = {key: [] for key in keys}
    for key in keys:
        if bosses.get(key) in below:
            below[bosses[key]].append(key)
    roots = [key for key in keys if bosses.get(key) not in below]
    picture, left = Picture(), MARGIN
    for root in roots:
        if below[root]:
            left += _place(picture, below, root, left, MARGIN) + GAP_X
    top = max((box.y + HIGH + GAP_Y for box in picture.boxes), default=MARGIN)
    loose = [root for root in roots if not below[root]]
    for number, key in enumerate(loose):
        row, column = divmod(number, LOOSE_IN_A_ROW)
        picture.boxes.append(Box(key, MARGIN + column * (WIDE + GAP_X), top + row * (HIGH + STACK_Y)))
    return picture.fit()


def _stacked(below: Mapping[Key, list[Key]], key: Key) -> bool:
    return len(below[key]) > 1 and not any(below[child] for child in below[key])


def _place(picture: Picture, below: Mapping[Key, list[Key]], key: Key, x: int, y: int) -> int:
    """Place a person and everybody below from `x` on; return how wide that is."""
    children = below[key]
    if _stacked(below, key):
        picture.boxes.append(Box(key, x, y))
        for number, child in enumerate(children, 1):
            top = y + number * (HIGH + STACK_Y)
            picture.boxes.append(Box(child, x + INDENT, top))
            middle = top + HIGH // 2
            path = f"M{x + INDENT // 2} {y + HIGH}V{middle}H{x + INDENT}"
            picture.lines.append(Line("reports_to", path, x + INDENT // 2, middle))
        return WIDE + INDENT
    starts, left = [], x
    for child in children:
        starts.append(len(picture.boxes))
        left += _place(picture, below, child, left, y + HIGH + GAP_Y) + GAP_X
    wide = max(WIDE, left - GAP_X - x)
    if not starts:
        picture.boxes.append(Box(key, x, y))
        return wide
    heads = [next(box for box in picture.boxes[start:] if box.key == child)
             for start, child in zip(starts, children, strict=True)]  # fmt: skip
    own = Box(key, (heads[0].x + heads[-1].x) // 2, y)
    picture.boxes.append(own)
    bend = y + HIGH + GAP_Y // 2
    for head in heads:
        path = f"M{own.middle[0]} {y + HIGH}V{bend}H{head.middle[0]}V{head.y}"
        picture.lines.append(Line("reports_to", path, head.middle[0], bend))
    return wide


def influence(
    places: Mapping[Key, tuple[str, str]],
    columns: Sequence[str],
    rows: Sequence[str],
    ties: Iterable[tuple[str, Key, Key]],
) -> Picture:
    """Return the map: people in a grid by (column, row), with a line for each tie (kind, one, other).

    A column or row without anybody is left out; ties to people who are not on the map too.
    """
    cells: dict[tuple[str, str], list[Key]] = {}
    for key, cell in places.items():
        cells.setdefault(cell, []).append(key)
    used = [code for code in columns if any(cell[0] == code for cell in cells)]
    picture, top = Picture(), MARGIN + HEAD
    for number, code in enumerate(used):
        picture.labels.append(Label(code, MARGIN + number * (WIDE + GAP_Y), MARGIN + HEAD // 2))
    for row in rows:
        most = max((len(cells.get((code, row), ())) for code in used), default=0)
        if not most:
            continue
        picture.labels.append(Label(row, MARGIN, top + HEAD // 2))
        for number, code in enumerate(used):
            for place, key in enumerate(cells.get((code, row), ())):
                y = top + HEAD + place * (HIGH + GAP_X)
                picture.boxes.append(Box(key, MARGIN + number * (WIDE + GAP_Y), y))
        top += HEAD + most * (HIGH + GAP_X)
    at = {box.key: box.middle for box in picture.boxes}
    for kind, one, other in ties:
        if one in at and other in at:
            picture.lines.append(_tie(kind, at[one], at[other]))
    return picture.fit()


def _tie(kind: str, one: tuple[int, int], other: tuple[int, int]) -> Line:
    """Return the line of a tie; people of one column are joined by a bow beside their boxes."""
    (x1, y1), (x2, y2) = one, other
    if x1 == x2:
        out = x1 + WIDE // 2
        path = f"M{out} {y1}C{out + GAP_Y} {y1} {out + GAP_Y} {y2} {out} {y2}"
        return Line(kind, path, out + GAP_Y * 3 // 4, (y1 + y2) // 2)
    side = WIDE // 2 if x1 < x2 else -WIDE // 2
    path = f"M{x1 + side} {y1}L{x2 - side} {y2}"
    return Line(kind, path, (x1 + x2) // 2, (y1 + y2) // 2)
