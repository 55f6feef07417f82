"""What people of the demo have to do: tasks that managers gave their reps, as they would in the product."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import numpy as np

from accounts.models import User
from accounts.roles import Role
from distributors.profiles.models import Distributor, Lifecycle, Task
from distributors.profiles.task_services import task_end, task_save

EACH = 4
MOST = 40
LATE, SOON = -4, 14
HOME = (
    ("对账单签字盖章后带回", "第三季度的，财务月底前要。"),
    ("补拍新门头照片", "申请门头补贴要用，正面和侧面各一张。"),
    ("确认水泵库存和下月计划", "按型号记台数。"),
    ("带新店长做锂电产品培训", "约四十分钟，带样机。"),
    ("核实邻县低价的2kW发电机", "记机身码和价格。"),
    ("问清逾期款哪天到账", "财务说等工程款，要一个日期。"),
    ("约老板和仓库一起谈送货时间", "二批反映送货慢。"),
    ("送竞品返点的书面测算", "老板上次要的。"),
)
ABROAD = (
    ("Count the pump stock before the rains", "By model; he wants twenty small units."),
    ("Bring the signed statement of account", "Of the third quarter; finance needs it before month end."),
    ("Train the new sellers on solar pumps", "Bring a demo panel."),
    ("Ask when the overdue invoice is paid", "Half was promised for the 30th."),
    ("Check on the missing spare carburettors", "Six weeks now; he buys copies locally."),
    ("Photograph the generators sold online", "With serial numbers and the price."),
)


def tasks_write(users: list[User], today: date, rng: np.random.Generator) -> int:
    """Give the reps tasks about their distributors, some done and a few late; return how many."""
    reps = [user for user in users if user.role == Role.REP][:MOST]
    owned: dict[int | None, list[Distributor]] = defaultdict(list)
    active = Distributor.objects.filter(owner__in=reps, state=Lifecycle.ACTIVE, merged_into=None)
    for one in active.order_by("-standing__net_sales_12m", "pk"):
        owned[one.owner_id].append(one)
    given = [(rep, task) for rep in reps for task in _given(rep, owned[rep.pk][:EACH], users, today, rng)]
    for place, (rep, task) in enumerate(given):
        if place % 6 == 5:
            task_end(actor=rep, task=task)
        elif place % 9 == 4:
            # The rule refuses a day that is over; this one was given in time, days ago.
            rows = Task.objects.filter(pk=task.pk)
            rows.update(due_on=today + timedelta(days=int(rng.integers(LATE, 0))))
    return len(given)


def _given(
    rep: User, distributors: Iterable[Distributor], users: list[User], today: date, rng: np.random.Generator
) -> Iterable[Task]:
    path = rep.territories.values_list("path", flat=True).first() or ""
    chief = _chief(path, users)
    for distributor in distributors:
        texts = HOME if distributor.time_zone in {"", "Asia/Shanghai"} else ABROAD
        title, note = texts[int(rng.integers(len(texts)))]
        due = today + timedelta(days=int(rng.integers(0, SOON)))
        yield task_save(
            actor=chief, instance=Task(), distributor=distributor, title=title, note=note, owner=rep, due_on=due
        )


def _chief(path: str, users: list[User]) -> User:
    """Return the manager whose territory a path lies in, else the administrator."""
    for user in users:
        if user.role == Role.MANAGER and any(path.startswith(one.path) for one in user.territories.all()):
            return user
    return next(user for user in users if user.role == Role.ADMIN)
