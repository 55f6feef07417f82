"""Where the demo happens: regions, provinces and cities with rough coordinates and weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class City:
    """A city: its Chinese and English name, latitude, longitude."""

    zh: str
    en: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Province:
    """A province, or a country abroad, with its share of the distributors and its cities, the heaviest first."""

    code: str
    zh: str
    en: str
    weight: float
    cities: tuple[City, ...]
    zone: str = "Asia/Shanghai"
    currency: str = "CNY"
    forms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Region:
    """A 大区 or a part of the world; `teams` says which provinces one rep covers in the smallest demo."""

    code: str
    zh: str
    en: str
    provinces: tuple[Province, ...]
    teams: tuple[tuple[str, ...], ...]
    home: bool = True


def _cities(text: str) -> tuple[City, ...]:
    rows = (part.split() for part in text.split("/"))
    return tuple(City(zh, en.replace("_", " "), float(lat), float(lon)) for zh, en, lat, lon in rows)


def _province(code: str, zh: str, en: str, weight: float, cities: str) -> Province:
    return Province(code, zh, en.replace("_", " "), weight, _cities(cities))


def _abroad(line: str, forms: tuple[str, ...], cities: str) -> Province:
    code, zh, en, weight, zone, currency = line.split()
    return Province(code, zh, en, float(weight), _cities(cities), zone, currency, forms)


HOME = (
    Region(
        "E",
        "华东",
        "East China",
        (
            _province(
                "ZJ",
                "浙江",
                "Zhejiang",
                7,
                "杭州 Hangzhou 30.27 120.16/宁波 Ningbo 29.87 121.55/"
                "温州 Wenzhou 28.00 120.67/台州 Taizhou 28.66 121.42/金华 Jinhua 29.08 119.65",
            ),
            _province(
                "JS",
                "江苏",
                "Jiangsu",
                7,
                "南京 Nanjing 32.06 118.80/苏州 Suzhou 31.30 120.59/"
                "无锡 Wuxi 31.49 120.31/徐州 Xuzhou 34.21 117.28/南通 Nantong 31.98 120.89",
            ),
            _province("SH", "上海", "Shanghai", 4, "上海 Shanghai 31.23 121.47"),
            _province(
                "AH",
                "安徽",
                "Anhui",
                4,
                "合肥 Hefei 31.82 117.23/芜湖 Wuhu 31.35 118.43/阜阳 Fuyang 32.89 115.81/安庆 Anqing 30.54 117.06",
            ),
            _province(
                "SD",
                "山东",
                "Shandong",
                8,
                "济南 Jinan 36.65 117.12/青岛 Qingdao 36.07 120.38/"
                "临沂 Linyi 35.10 118.36/潍坊 Weifang 36.71 119.16/烟台 Yantai 37.46 121.45",
            ),
        ),
        (("ZJ",), ("JS",), ("SH",), ("AH",), ("SD",)),
    ),
    Region(
        "S",
        "华南",
        "South China",
        (
            _province(
                "GD",
                "广东",
                "Guangdong",
                8,
                "广州 Guangzhou 23.13 113.26/佛山 Foshan 23.02 113.12/"
                "深圳 Shenzhen 22.54 114.06/东莞 Dongguan 23.02 113.75/湛江 Zhanjiang 21.27 110.36",
            ),
            _province(
                "GX",
                "广西",
                "Guangxi",
                4,
                "南宁 Nanning 22.82 108.37/柳州 Liuzhou 24.33 109.43/桂林 Guilin 25.27 110.29",
            ),
            _province(
                "FJ",
                "福建",
                "Fujian",
                4,
                "福州 Fuzhou 26.07 119.30/厦门 Xiamen 24.48 118.09/泉州 Quanzhou 24.87 118.68",
            ),
            _province("HI", "海南", "Hainan", 1.5, "海口 Haikou 20.04 110.34/三亚 Sanya 18.25 109.51"),
        ),
        (("GD",), ("GX", "HI"), ("FJ",)),
    ),
    Region(
        "C",
        "华中",
        "Central China",
        (
            _province(
                "HB",
                "湖北",
                "Hubei",
                5,
                "武汉 Wuhan 30.59 114.31/宜昌 Yichang 30.69 111.29/"
                "襄阳 Xiangyang 32.01 112.12/荆州 Jingzhou 30.33 112.24",
            ),
            _province(
                "HN",
                "湖南",
                "Hunan",
                5,
                "长沙 Changsha 28.23 112.94/衡阳 Hengyang 26.89 112.57/"
                "岳阳 Yueyang 29.36 113.13/常德 Changde 29.03 111.70",
            ),
            _province(
                "HA",
                "河南",
                "Henan",
                6.5,
                "郑州 Zhengzhou 34.75 113.62/洛阳 Luoyang 34.62 112.45/"
                "南阳 Nanyang 32.99 112.53/商丘 Shangqiu 34.41 115.66",
            ),
            _province(
                "JX",
                "江西",
                "Jiangxi",
                3.5,
                "南昌 Nanchang 28.68 115.86/赣州 Ganzhou 25.83 114.93/九江 Jiujiang 29.71 116.00",
            ),
        ),
        (("HB",), ("HN", "JX"), ("HA",)),
    ),
    Region(
        "N",
        "华北",
        "North China",
        (
            _province("BJ", "北京", "Beijing", 2.5, "北京 Beijing 39.90 116.41"),
            _province("TJ", "天津", "Tianjin", 2, "天津 Tianjin 39.13 117.20"),
            _province(
                "HE",
                "河北",
                "Hebei",
                5.5,
                "石家庄 Shijiazhuang 38.04 114.51/唐山 Tangshan 39.63 118.18/"
                "保定 Baoding 38.87 115.46/邯郸 Handan 36.63 114.54",
            ),
            _province(
                "SX",
                "山西",
                "Shanxi",
                3.5,
                "太原 Taiyuan 37.87 112.55/大同 Datong 40.08 113.30/运城 Yuncheng 35.03 111.00",
            ),
            _province(
                "NM",
                "内蒙古",
                "Inner_Mongolia",
                2.5,
                "呼和浩特 Hohhot 40.84 111.75/包头 Baotou 40.66 109.84/赤峰 Chifeng 42.26 118.89",
            ),
        ),
        (("BJ", "TJ"), ("HE",), ("SX", "NM")),
    ),
    Region(
        "NE",
        "东北",
        "Northeast China",
        (
            _province(
                "LN",
                "辽宁",
                "Liaoning",
                4,
                "沈阳 Shenyang 41.80 123.43/大连 Dalian 38.91 121.61/鞍山 Anshan 41.11 122.99",
            ),
            _province(
                "JL",
                "吉林",
                "Jilin",
                2.5,
                "长春 Changchun 43.82 125.32/四平 Siping 43.17 124.35/延吉 Yanji 42.91 129.51",
            ),
            _province(
                "HL",
                "黑龙江",
                "Heilongjiang",
                3.5,
                "哈尔滨 Harbin 45.80 126.53/齐齐哈尔 Qiqihar 47.35 123.92/佳木斯 Jiamusi 46.80 130.32",
            ),
        ),
        (("LN",), ("JL", "HL")),
    ),
    Region(
        "SW",
        "西南",
        "Southwest China",
        (
            _province(
                "SC",
                "四川",
                "Sichuan",
                6.5,
                "成都 Chengdu 30.57 104.07/绵阳 Mianyang 31.47 104.68/"
                "南充 Nanchong 30.84 106.11/宜宾 Yibin 28.75 104.64/泸州 Luzhou 28.87 105.44",
            ),
            _province("CQ", "重庆", "Chongqing", 4, "重庆 Chongqing 29.56 106.55"),
            _province(
                "YN", "云南", "Yunnan", 4, "昆明 Kunming 24.88 102.83/曲靖 Qujing 25.49 103.80/大理 Dali 25.61 100.27"
            ),
            _province("GZ", "贵州", "Guizhou", 3, "贵阳 Guiyang 26.65 106.63/遵义 Zunyi 27.73 106.93"),
            _province("XZ", "西藏", "Tibet", 0.8, "拉萨 Lhasa 29.65 91.14"),
        ),
        (("SC", "XZ"), ("CQ",), ("YN", "GZ")),
    ),
    Region(
        "NW",
        "西北",
        "Northwest China",
        (
            _province(
                "SN", "陕西", "Shaanxi", 4, "西安 Xi'an 34.34 108.94/宝鸡 Baoji 34.36 107.24/汉中 Hanzhong 33.07 107.02"
            ),
            _province("GS", "甘肃", "Gansu", 2.5, "兰州 Lanzhou 36.06 103.83/天水 Tianshui 34.58 105.72"),
            _province("QH", "青海", "Qinghai", 1, "西宁 Xining 36.62 101.78"),
            _province("NX", "宁夏", "Ningxia", 1.5, "银川 Yinchuan 38.49 106.23"),
            _province(
                "XJ",
                "新疆",
                "Xinjiang",
                3,
                "乌鲁木齐 Urumqi 43.83 87.62/喀什 Kashgar 39.47 75.99/伊宁 Yining 43.91 81.32",
            ),
        ),
        (("SN", "GS"), ("QH", "NX", "XJ")),
    ),
)

ABROAD = (
    Region(
        "SEA",
        "东南亚",
        "Southeast Asia",
        (
            _abroad(
                "VN 越南 Vietnam 16 Asia/Ho_Chi_Minh USD",
                ("JSC", "Co., Ltd."),
                "河内 Hanoi 21.03 105.85/胡志明 Ho_Chi_Minh_City 10.82 106.63/岘港 Da_Nang 16.05 108.21",
            ),
            _abroad(
                "ID 印度尼西亚 Indonesia 14 Asia/Jakarta USD",
                ("PT", "CV"),
                "雅加达 Jakarta -6.21 106.85/泗水 Surabaya -7.26 112.75/棉兰 Medan 3.60 98.67",
            ),
        ),
        (("VN",), ("ID",)),
        home=False,
    ),
    Region(
        "MEA",
        "中东非洲",
        "Middle East and Africa",
        (
            _abroad(
                "AE 阿联酋 UAE 9 Asia/Dubai USD",
                ("LLC", "FZE"),
                "迪拜 Dubai 25.20 55.27/阿布扎比 Abu_Dhabi 24.45 54.38/沙迦 Sharjah 25.35 55.41",
            ),
            _abroad(
                "KE 肯尼亚 Kenya 8 Africa/Nairobi USD",
                ("Ltd", "Enterprises Ltd"),
                "内罗毕 Nairobi -1.29 36.82/蒙巴萨 Mombasa -4.04 39.67/基苏木 Kisumu -0.09 34.77",
            ),
        ),
        (("AE",), ("KE",)),
        home=False,
    ),
    Region(
        "LAM",
        "拉丁美洲",
        "Latin America",
        (
            _abroad(
                "MX 墨西哥 Mexico 10 America/Mexico_City USD",
                ("S.A. de C.V.", "S. de R.L."),
                "瓜达拉哈拉 Guadalajara 20.67 -103.35/墨西哥城 Mexico_City 19.43 -99.13/蒙特雷 Monterrey 25.69 -100.32",
            ),
        ),
        (("MX", "PL"),),
        home=False,
    ),
    Region(
        "EUR",
        "欧洲",
        "Europe",
        (
            _abroad(
                "PL 波兰 Poland 9 Europe/Warsaw EUR",
                ("Sp. z o.o.", "S.A."),
                "华沙 Warsaw 52.23 21.01/克拉科夫 Krakow 50.06 19.94/波兹南 Poznan 52.41 16.93",
            ),
        ),
        (),
        home=False,
    ),
)

REGIONS = HOME + ABROAD
