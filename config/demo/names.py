"""Invented names: companies are marked （演示） or (Demo), people carry a Chinese name and its pinyin."""

from dataclasses import dataclass

MARKS = (
    ("青鲤", "Cyan Carp"),
    ("墨鹿", "Ink Deer"),
    ("赤雁", "Crimson Goose"),
    ("白鹳", "White Stork"),
    ("银杉", "Silver Fir"),
    ("苍鹭", "Grey Heron"),
    ("金桦", "Gold Birch"),
    ("云雀", "Skylark"),
    ("玄龟", "Black Turtle"),
    ("翠竹", "Green Bamboo"),
    ("碧桐", "Jade Tung"),
    ("霜枫", "Frost Maple"),
)
TRADES = (
    ("机电", "Machinery"),
    ("五金机电", "Hardware"),
    ("动力设备", "Power Equipment"),
    ("泵业", "Pumps"),
    ("农机", "Farm Machinery"),
    ("工具", "Tools"),
    ("园林机械", "Garden Machinery"),
)
FORMS = (
    ("有限公司", "Co., Ltd."),
    ("工贸有限公司", "Industry & Trade Co., Ltd."),
    ("商贸有限公司", "Trading Co., Ltd."),
)
TIER2_FORM = ("经营部", "Store")
ROADS = ("演示大道", "机电市场路", "五金城街", "青松路", "工业园路", "向阳街", "码头路", "建材城路")
ROADS_ABROAD = ("Demo Road", "Market Street", "Harbour Road", "Industrial Avenue", "Station Street")

_SURNAMES = (
    "王 Wang/李 Li/张 Zhang/刘 Liu/陈 Chen/杨 Yang/赵 Zhao/黄 Huang/周 Zhou/吴 Wu/徐 Xu/孙 Sun/胡 Hu/朱 Zhu/高 Gao/"
    "何 He/郭 Guo/马 Ma/罗 Luo/梁 Liang/宋 Song/郑 Zheng/谢 Xie/韩 Han/唐 Tang/冯 Feng/于 Yu/董 Dong/萧 Xiao/程 Cheng/"
    "曹 Cao/袁 Yuan/邓 Deng/许 Xu/傅 Fu/沈 Shen"
)
_GIVEN = (
    "磊 Lei/敏 Min/强 Qiang/芳 Fang/军 Jun/洋 Yang/勇 Yong/艳 Yan/杰 Jie/娟 Juan/涛 Tao/明 Ming/超 Chao/霞 Xia/平 Ping/"
    "刚 Gang/桂英 Guiying/建国 Jianguo/文博 Wenbo/思远 Siyuan/晓雯 Xiaowen/海燕 Haiyan/志强 Zhiqiang/雨晴 Yuqing/"
    "嘉豪 Jiahao/立新 Lixin/晨曦 Chenxi/春梅 Chunmei/国栋 Guodong/佳怡 Jiayi"
)


@dataclass(frozen=True)
class PersonName:
    """A Chinese name with its pinyin, surname first."""

    zh: str
    pinyin: str

    @property
    def both(self) -> str:
        """Return the name as it is shown: characters, then pinyin."""
        return f"{self.zh} {self.pinyin}"

    @property
    def mailbox(self) -> str:
        """Return the part before the @."""
        return self.pinyin.lower().replace(" ", ".")


def person_name(number: int) -> PersonName:
    """Return the invented name of a running number; 1,080 differ."""
    surnames, given = _SURNAMES.split("/"), _GIVEN.split("/")
    surname, surname_pinyin = surnames[number % len(surnames)].split()
    first, first_pinyin = given[(number * 7 + number // len(surnames)) % len(given)].split()
    return PersonName(surname + first, f"{surname_pinyin} {first_pinyin}")
