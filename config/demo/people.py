"""The territory tree and the people of the demo: plans first, then their rows."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import STEP, Territory, User
from accounts.roles import Role
from accounts.selectors import DEMO_PASSWORD
from config.demo.geography import ABROAD, HOME, REGIONS, City, Province, Region
from config.demo.names import person_name
from config.demo.sizes import Size, apportion

MAIL = "jianghe.example"


@dataclass
class Node:
    """One territory of the plan; `parent` is an index into the plan."""

    code: str
    name: str
    level: str
    parent: int | None
    path: str
    pk: int = 0


@dataclass
class Leaf:
    """A territory that distributors sit in, and the rep who covers it."""

    node: int
    city: City
    province: Province
    region: Region
    weight: float
    rep: int = -1


@dataclass
class Tree:
    """The whole tree: nodes in the order of their paths, and the leaves among them."""

    nodes: list[Node] = field(default_factory=list)
    leaves: list[Leaf] = field(default_factory=list)
    children: dict[int | None, int] = field(default_factory=dict)

    def add(self, code: str, name: str, level: str, parent: int | None) -> int:
        """Append a node below `parent` and return its index."""
        number = self.children.get(parent, 0) + 1
        self.children[parent] = number
        prefix = "" if parent is None else self.nodes[parent].path
        self.nodes.append(Node(code, name, level, parent, f"{prefix}{number:0{STEP}d}"))
        return len(self.nodes) - 1

    def index(self, code: str) -> int:
        """Return the index of the node with this code."""
        return next(index for index, node in enumerate(self.nodes) if node.code == code)


@dataclass
class Person:
    """One person of the plan and the codes of their territories."""

    name: str
    mailbox: str
    role: Role
    code: str
    title: str
    territories: tuple[str, ...] = ()
    everywhere: bool = False
    zone: str = ""


def tree_plan(size: Size) -> Tree:
    """Return China and the world outside it, down to cities, and to districts where the size has them."""
    tree = Tree()
    for code, name, regions in (("CN", "中国 China", HOME), ("OS", "海外 Overseas", ABROAD)):
        root = tree.add(code, name, "国家 country" if code == "CN" else "海外 overseas", None)
        for region in regions:
            part = tree.add(f"{code}-{region.code}", f"{region.zh} {region.en}", "大区 region", root)
            for province in region.provinces:
                _province_plan(tree, size, region, province, part)
    return tree


def _province_plan(tree: Tree, size: Size, region: Region, province: Province, part: int) -> None:
    level = "省 province" if region.home else "国家 country"
    code = f"CN-{province.code}" if region.home else province.code
    parent = tree.add(code, f"{province.zh} {province.en}", level, part)
    steps = [1 / (rank + 1.5) for rank in range(len(province.cities))]
    for number, city in enumerate(province.cities, 1):
        name = f"{city.zh}市 {city.en}" if region.home else f"{city.zh} {city.en}"
        node = tree.add(f"{code}-{number:02d}", name, "市 city", parent)
        weight = province.weight * steps[number - 1] / sum(steps)
        if not size.districts:
            tree.leaves.append(Leaf(node, city, province, region, weight))
            continue
        for district in range(1, size.districts + 1):
            below = tree.add(f"{code}-{number:02d}-{district:02d}", f"{name} {district:02d}", "区县 district", node)
            tree.leaves.append(Leaf(below, city, province, region, weight / size.districts))


def people_plan(size: Size, tree: Tree) -> list[Person]:
    """Return everybody; the reps come first, in the order of `Leaf.rep`, which this fills in."""
    people = [*_reps(size, tree), *_managers(), *_office()]
    seen: dict[str, int] = {}
    for person in people:
        seen[person.mailbox] = seen.get(person.mailbox, 0) + 1
        if seen[person.mailbox] > 1:
            person.mailbox = f"{person.mailbox}{seen[person.mailbox]}"
    return people


def _reps(size: Size, tree: Tree) -> list[Person]:
    teams = [(region, codes) for region in REGIONS for codes in region.teams]
    by_code = {province.code: province for region in REGIONS for province in region.provinces}
    counts = (
        apportion(size.reps - len(teams), [sum(by_code[code].weight for code in codes) for _region, codes in teams])
        if size.reps > len(teams)
        else [0] * len(teams)
    )
    reps: list[Person] = []
    for (region, codes), more in zip(teams, counts, strict=True):
        leaves = [leaf for leaf in tree.leaves if leaf.province.code in codes]
        for number in range(more + 1):
            mine = [leaf for place, leaf in enumerate(leaves) if place * (more + 1) // len(leaves) == number]
            territories = (
                tuple(("CN-" if region.home else "") + code for code in codes)
                if not more
                else tuple(tree.nodes[leaf.node].code for leaf in mine)
            )
            for leaf in mine:
                leaf.rep = len(reps)
            reps.append(_rep(len(reps), territories, by_code[codes[0]].zone))
    return reps


def _rep(number: int, territories: tuple[str, ...], zone: str) -> Person:
    code = f"R{number + 1:03d}"
    if number == 0:
        return Person("芮阳 Rui Yang", "rui", Role.REP, code, "业务代表 Regional rep", territories, zone=zone)
    name = person_name(number)
    return Person(name.both, name.mailbox, Role.REP, code, "业务代表 Regional rep", territories, zone=zone)


def _managers() -> list[Person]:
    areas = [(f"CN-{region.code}",) for region in HOME] + [("OS-SEA", "OS-MEA"), ("OS-LAM", "OS-EUR")]
    found = []
    for number, territories in enumerate(areas):
        name = person_name(500 + number)
        both, mailbox = (name.both, name.mailbox) if number else ("林静 Lin Jing", "lin")
        title = "大区经理 Regional manager" if number < len(HOME) else "海外销售经理 Overseas sales manager"
        found.append(Person(both, mailbox, Role.MANAGER, f"M{number + 1:03d}", title, territories))
    return found


def _office() -> list[Person]:
    return [
        Person("梅岚 Mei Lan", "mei", Role.ADMIN, "A001", "渠道管理 Channel administrator", everywhere=True),
        Person("方晴 Fang Qing", "finance", Role.FINANCE, "F001", "财务 Finance", everywhere=True),
        Person("石磊 Shi Lei", "inspector", Role.INSPECTOR, "I001", "市场督察 Market inspector", everywhere=True),
        Person("安宁 An Ning", "analyst", Role.ANALYST, "N001", "销售分析 Sales analyst", everywhere=True),
        Person("ERP 接口 ERP connector", "erp", Role.API_CLIENT, "", "", everywhere=True),
    ]


def territories_write(tree: Tree) -> None:
    """Write the tree, level by level, and note the keys in the plan."""
    for depth in range(1, 1 + max(len(node.path) for node in tree.nodes) // STEP):
        level = [node for node in tree.nodes if len(node.path) == depth * STEP]
        made = Territory.objects.bulk_create(
            [
                Territory(
                    code=node.code,
                    name=node.name,
                    level=node.level,
                    path=node.path,
                    parent_id=None if node.parent is None else tree.nodes[node.parent].pk,
                )
                for node in level
            ],
            batch_size=500,
        )
        for node, territory in zip(level, made, strict=True):
            node.pk = territory.pk


def people_write(people: list[Person], tree: Tree) -> list[User]:
    """Write the people and their territories; they share one password hash, which is the slow part."""
    password = make_password(DEMO_PASSWORD)
    users = User.objects.bulk_create(
        [
            User(
                email=f"{person.mailbox}@{MAIL}",
                password=password if person.role != Role.API_CLIENT else make_password(None),
                name=person.name,
                code=person.code,
                title=person.title,
                role=person.role,
                everywhere=person.everywhere,
                is_demo=True,
                time_zone=person.zone,
            )
            for person in people
        ],
        batch_size=500,
    )
    keys = {node.code: node.pk for node in tree.nodes}
    through = User.territories.through
    through.objects.bulk_create(_reaches(people, users, keys, through), batch_size=500)
    return users


def _reaches(people: list[Person], users: list[User], keys: dict[str, int], through: Any) -> list[Any]:
    return [
        through(user_id=user.pk, territory_id=keys[code])
        for person, user in zip(people, users, strict=True)
        for code in person.territories
    ]
