"""The people at the invented distributors: one to six each, some with personal answers that they agreed to."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from config.demo.channel import Channel, day_of
from config.demo.names import person_name
from config.demo.writing import keys, rows_write, sequences_reset
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation

MOST = 6
# By place within the distributor: level, function, decision role, Chinese and English title.
PLACES = (
    ("owner", "general", "decider", "总经理", "Managing director"),
    ("senior", "purchasing", "influencer", "采购总监", "Head of purchasing"),
    ("middle", "sales", "user", "销售经理", "Sales manager"),
    ("middle", "finance", "gatekeeper", "财务主管", "Accountant"),
    ("operational", "logistics", "", "仓库主管", "Warehouse keeper"),
    ("operational", "service", "coach", "售后工程师", "Service engineer"),
)
STANCES = np.array(["supporter", "neutral", "opponent", ""])
DISC = np.array(["D", "I", "S", "C", ""])
TOLD = (
    ("女儿在读高中", "钓鱼、书法", "A daughter at high school", "Fishing, calligraphy"),
    ("夫妻共同经营", "篮球、摄影", "Runs the shop with his wife", "Basketball, photography"),
    ("父母在老家", "羽毛球、茶", "Parents live in the home town", "Badminton, tea"),
)
PURPOSES = {"reach": "日常业务联系", "origin": "生日问候", "life": "拜访时的问候"}
PURPOSES_ABROAD = {"reach": "Daily business", "origin": "Birthday greetings", "life": "Small talk on visits"}


def contacts_write(channel: Channel, today: date, rng: np.random.Generator) -> int:
    """Write the people and what is personal of them; a card that was merged into another has none."""
    each = rng.integers(1, MOST + 1, channel.size)
    each[list(channel.merged)] = 0
    at = np.repeat(np.arange(channel.size), each)
    place = np.concatenate([np.arange(many) for many in each]) if len(at) else at
    pk, count, chinese = keys(Contact, len(at)), len(at), channel.home[at]
    people = [person_name(int(number)) for number in pk * 13 + at]
    rows_write(
        Contact,
        {
            "id": pk,
            "distributor_id": channel.pk[at],
            "name": [one.both if zh else one.pinyin for one, zh in zip(people, chinese, strict=True)],
            "title": [PLACES[p][3] if zh else PLACES[p][4] for p, zh in zip(place, chinese, strict=True)],
            **{name: [PLACES[p][index] for p in place] for index, name in enumerate(("level", "function"))},
            "decision_role": [PLACES[p][2] for p in place],
            "stance": rng.choice(STANCES, count, p=[0.4, 0.35, 0.1, 0.15]).tolist(),
            "disc": rng.choice(DISC, count, p=[0.15, 0.15, 0.15, 0.15, 0.4]).tolist(),
            "relationship": pa.array(rng.integers(1, 6, count), mask=rng.random(count) < 0.2),
            "since": pa.array(_since(channel, at, place, today), pa.date32()),
            "left_on": pa.array(
                [today - timedelta(days=int(days)) if days < 900 else None for days in rng.integers(30, 20_000, count)],
                pa.date32(),
            ),
            "erased_at": pa.nulls(count, pa.string()),
            "created_by_id": pa.nulls(count, pa.int64()),
            "updated_by_id": pa.nulls(count, pa.int64()),
        },
        count,
    )
    rows_write(ContactPersonal, {"contact_id": pk, **_personal(people, pk, chinese, today, rng)}, count)
    _relations_write(pk, place, rng)
    sequences_reset(Contact)
    return count


def _relations_write(pk: NDArray[np.int64], place: NDArray[np.int64], rng: np.random.Generator) -> None:
    """Let the second and third report to the first, who follow to the second or third; a few are allies or rivals."""
    first = pk - place
    bosses = first + np.where(place > 2, 1 + place % 2, 0)
    led = place > 0
    tied = led & (rng.random(len(pk)) < 0.3)
    kinds = rng.choice(np.array(["ally", "rival", "kin"]), int(tied.sum()), p=[0.5, 0.35, 0.15])
    for kind, source, target in (
        (["reports_to"] * int(led.sum()), pk[led], bosses[led]),
        (kinds.tolist(), pk[tied] - 1, pk[tied]),
    ):
        columns = {"kind": kind, "source_id": source, "target_id": target}
        rows_write(ContactRelation, {**columns, "created_by_id": pa.nulls(len(kind), pa.int64())}, len(kind))


def _since(channel: Channel, at: NDArray[np.int64], place: NDArray[np.int64], today: date) -> list[date | None]:
    """Return since when each works with us: the first since the cooperation began, the others from later days."""
    begun = [
        channel.since[index] + 53 * int(later) if channel.since[index] else 0
        for index, later in zip(at, place, strict=True)
    ]
    return [day_of(day) if 0 < day <= today.toordinal() else None for day in begun]


def _personal(
    people: list[Any], pk: NDArray[np.int64], home: NDArray[np.bool_], today: date, rng: np.random.Generator
) -> dict[str, Any]:
    """Return the personal columns: a number for most, a birthday for half, a word on family for a few."""
    count = len(pk)
    agreed = {"reach": rng.random(count) < 0.8, "origin": rng.random(count) < 0.5, "life": rng.random(count) < 0.15}
    day = (today - timedelta(days=400)).isoformat()
    columns: dict[str, Any] = {}
    for code, yes in agreed.items():
        words = np.where(home, PURPOSES[code], PURPOSES_ABROAD[code])
        columns[f"purpose_{code}"] = np.where(yes, words, "").tolist()
        columns[f"consent_{code}"] = pa.array([day if one else None for one in yes], pa.string())
    reach, origin, life = agreed.values()
    columns["phones"] = [f"+86 000-0001-{key % 10_000:04d}" if yes else "" for key, yes in zip(pk, reach, strict=True)]
    columns["email"] = [
        f"{one.mailbox}.{key}@partner.example" if yes and key % 2 else ""
        for one, key, yes in zip(people, pk, reach, strict=True)
    ]
    columns["birth_month"] = pa.array(rng.integers(1, 13, count), mask=~origin)
    columns["birth_day"] = pa.array(rng.integers(1, 29, count), mask=~origin)
    columns["birth_year"] = pa.array(rng.integers(1958, 1999, count), mask=~origin | (rng.random(count) < 0.5))
    told = [TOLD[key % len(TOLD)] for key in pk]
    for name, zh in (("family", 0), ("interests", 1)):
        columns[name] = [
            one[zh if chinese else zh + 2] if yes else "" for one, chinese, yes in zip(told, home, life, strict=True)
        ]
    return columns
