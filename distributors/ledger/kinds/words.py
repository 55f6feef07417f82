"""How strangers call the fields of each kind: example, meaning, names in English and Chinese, the likely one first."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Words:
    """What a file may call a field, `|` between the names.

    `joined` is a template over named parts, each with its own names, for a field that stands in several columns;
    `fallback` says what fills a field that no column gives, `gap` the empty cells of one that must not be empty.
    `first` is set where days are the first of a month.
    """

    example: str
    names: str = ""
    meaning: str = ""
    joined: tuple[str, Mapping[str, str]] | None = None
    fallback: str = ""
    gap: str = ""
    first: bool = False

    @property
    def listed(self) -> list[str]:
        """Return the names one by one."""
        return self.names.split("|") if self.names else []


DISTRIBUTOR_NAMES = (
    "distributor|distributor code|reseller|dealer|customer|customer code|sold to|sold to party|account|client|partner|"
    "buyer code|经销商|经销商编码|经销商代码|客户|客户编码|客户编号|客户代码|购货单位|往来单位"
)
PRODUCT_NAMES = (
    "product|sku|product code|item|item code|material|material number|article|part number|stock code|goods code|"
    "产品|产品编码|商品编码|物料编码|物料|货号|品号|存货编码|料号"
)
PERSON_NAMES = (
    "salesperson|sales rep|rep|employee|employee code|sales person|owner|account manager|seller|业务员|业务代表|销售员|"
    "员工编号|工号|负责人"
)
TERRITORY_NAMES = "territory|sales territory|region|sales region|area|district|区域|销售区域|地区|大区|片区"
DISTRIBUTOR = Words("D0001", DISTRIBUTOR_NAMES, _("Its code, as among the distributors here."))
PRODUCT = Words("P-100", PRODUCT_NAMES, _("Its SKU, as among the products of the same source."))
PERSON = Words("E012", PERSON_NAMES, _("Personnel number or e-mail."))
TERRITORY = Words("EAST-SH", TERRITORY_NAMES, _("Its code, as among the territories here."))
CURRENCY = Words(
    "CNY",
    "currency|currency code|curr|document currency|币种|货币|币别",
    _("Three capital letters. Without it: the base currency."),
    fallback="base_currency",
)
UNIT = Words("box", "unit|unit of measure|uom|单位|计量单位|销售单位", _("Empty: the base unit of the product."))
DAY = "date|day|posting date|document date|日期|单据日期|记账日期|业务日期"

WORDS: dict[str, dict[str, Words]] = {
    "territories": {
        "parent": Words(
            "EAST",
            "parent|within|parent code|upper|belongs to|上级|上级编码|上级区域|父级",
            _("The code of the one above."),
        ),
        "name": Words("Shanghai", "name|territory name|territory|region|区域名称|名称|地区名称|区域"),
        "level": Words("city", "level|type|层级|级别|类型", _("Such as country, region, city.")),
        "code": Words(
            "EAST-SH", "code|territory code|territory key|sales territory|territory|region code|区域编码|编码|代码|区域"
        ),
    },
    "people": {
        "email": Words(
            "rui@example.com",
            "email|e-mail|email address|mail|login|邮箱|电子邮箱|电子邮件",
            _("With it they sign in."),
        ),
        "name": Words(
            "Rui Chen",
            "name|full name|display name|employee name|姓名|员工姓名|名称",
            joined=(
                "{first} {last}",
                {"first": "first name|given name|forename|名", "last": "last name|surname|family name|姓"},
            ),
        ),
        "code": Words(
            "E012", "personnel number|employee code|employee key|employee|staff id|code|工号|员工编号|人员编码"
        ),
        "title": Words("Regional rep", "title|job title|position|职位|岗位|职务"),
        "role": Words("rep", "role|position|job title|title|角色|岗位|职位|职务", _("What they may do here.")),
        "territory": Words("EAST-SH", TERRITORY_NAMES, _("The code of the territory that they reach.")),
        "everywhere": Words("no", "everywhere|all territories|全部区域"),
        "is_active": Words("yes", "active|is active|enabled|may sign in|status|在职|启用|状态"),
    },
    "distributors": {
        "legal_name": Words(
            "East Lake Trading Co., Ltd.",
            "legal name|name|company|company name|reseller name|dealer name|distributor name|"
            "customer name|account name|"
            "经销商名称|客户名称|公司名称|企业名称|单位名称|名称",
        ),
        "short_name": Words("East Lake", "short name|abbreviation|search term|简称|客户简称"),
        "other_name": Words("东湖贸易", "other name|english name|name 2|英文名称|外文名称"),
        "type": Words(
            "ordinary",
            "type|business type|partner type|customer type|customer group|category|类型|客户类型|经销商类型|客户分类",
        ),
        "tier": Words("1", "tier|level|层级|级别", _("1 buys from us, 2 buys from a tier 1.")),
        "parent": Words(
            "D0002",
            "parent|buys from|supplier|upper distributor|上级经销商|上级客户|供货商",
            _("The code of the distributor that supplies it."),
        ),
        "registration_number": Words(
            "91310000MA1K30001X", "registration number|registration|统一社会信用代码|营业执照号|注册号"
        ),
        "tax_number": Words("91310000MA1K30001X", "tax number|vat number|vat id|tax id|税号|纳税人识别号"),
        "legal_representative": Words("Chen Dong", "legal representative|法定代表人|法人"),
        "founded_on": Words(
            "2008-05-01", "founded on|founded|established|year opened|year founded|成立日期|成立时间|成立年份"
        ),
        "registered_capital": Words("1000000", "registered capital|capital|注册资本|注册资金"),
        "phone": Words("021-5555 0101", "phone|telephone|phone number|tel|mobile|电话|联系电话|手机"),
        "email": Words("info@example.com", "email|e-mail|email address|邮箱|电子邮箱"),
        "website": Words("https://example.com", "website|homepage|url|web|网站|网址"),
        "language": Words("zh-hans", "language|语言"),
        "time_zone": Words("Asia/Shanghai", "time zone|timezone|时区"),
        "currency": Words("CNY", "currency|currency code|币种|货币"),
        "cooperation_since": Words(
            "2015-03-01", "cooperation since|customer since|since|start date|合作日期|合作开始|开户日期|建档日期"
        ),
        "state": Words("active", "state|status|状态|客户状态"),
        "territory": TERRITORY,
        "owner": Words("E012", PERSON_NAMES, _("Personnel number or e-mail of who covers it.")),
        "covered_from": Words(
            "2024-01-01", "covered from|负责开始", _("Empty: since the co-operation, else this month.")
        ),
        "address": Words("12 Lake Road", "address|street|address line 1|street address|地址|详细地址|注册地址"),
        "city": Words("Shanghai", "city|town|城市|市"),
        "province": Words("Shanghai", "province|state|state province name|province name|省|省份|省市"),
        "postal_code": Words("200000", "postal code|zip|zip code|postcode|邮编|邮政编码"),
        "country": Words("China", "country|country name|country region name|国家"),
        "tags": Words(
            "Key account, Tools",
            "tags|tag|labels|label|标签|客户标签",
            _("Several with commas between; an empty cell takes all away."),
        ),
        "code": Words("D0001", f"code|{DISTRIBUTOR_NAMES}|编码|编号|代码", _("What other files call it by.")),
    },
    "assignments": {
        "distributor": DISTRIBUTOR,
        "day": Words(
            "2024-01-01",
            "from|valid from|start|start date|effective date|since|开始日期|生效日期|起始日期",
            _("The first of a month."),
        ),
        "territory": TERRITORY,
        "owner": Words("E012", PERSON_NAMES, _("Personnel number or e-mail of who covers it.")),
        "reason": Words("", "reason|note|remark|原因|备注"),
    },
    "products": {
        "sku": Words("P-100", f"{PRODUCT_NAMES}|code|编码|代码", _("What other files call it by.")),
        "name": Words(
            "Bottle 500 ml", "name|product name|description|item name|title|产品名称|商品名称|物料名称|品名|名称"
        ),
        "line": Words(
            "Bottles",
            "product line|line|category|product category name|product category|product group|family|"
            "产品线|产品类别|品类|商品分类|产品大类|类别",
            gap=_("Other"),
        ),
        "line_name": Words("Bottles", "product line name|line name|产品线名称"),
        "brand": Words("Lake", "brand|品牌"),
        "base_unit": Words("pc", "base unit|unit|unit of measure|uom|基本单位|单位|计量单位"),
        "unit": Words("box", "other unit|packing unit|sales unit|箱单位|辅助单位|销售单位"),
        "factor": Words("12", "factor|pack size|units per case|换算率|箱规|换算系数"),
        "launched_on": Words("2023-01-01", "launched on|launch date|start date|sell start date|上市日期|启用日期"),
        "list_price": Words("19.90", "list price|price|retail price|标价|目录价|零售价|单价"),
        "floor_price": Words("12.00", "floor price|minimum price|最低价|底价"),
        "cost": Words("8.50", "standard cost|cost|unit cost|成本|标准成本|成本价"),
    },
    "rates": {
        "currency": Words("USD", "currency|currency code|from currency|currency alternate|币种|货币|外币"),
        "day": Words("2024-01-02", f"{DAY}|rate date|valid from"),
        "kind": Words("average", "kind|rate type|汇率类型"),
        "rate": Words(
            "7.1",
            "average rate|rate|exchange rate|mid rate|汇率|平均汇率|中间价",
            _("What one unit is worth in the base currency."),
        ),
    },
    "sales": {
        "external_id": Words(
            "SO1001-1",
            "line id|external id|order line id|transaction id|"
            "明细编号|单据行号|流水号|order number|document number|doc number|单据编号",
            _("What makes the line unique within its source."),
            joined=(
                "{order}-{line}",
                {
                    "order": "order number|sales order number|order|invoice number|document number|"
                    "订单号|销售订单号|单据编号|单号|发票号",
                    "line": "line number|order line number|sales order line number|line|item number|position|item|"
                    "行号|序号|订单行号|项目号",
                },
            ),
        ),
        "distributor": DISTRIBUTOR,
        "product": PRODUCT,
        "day": Words("2024-01-15", f"order date|invoice date|{DAY}|sales date|订单日期|销售日期|开票日期|出库日期"),
        "kind": Words("sell_in", "kind|movement type|transaction type|业务类型"),
        "order_type": Words("regular", "order type|sales type|订单类型"),
        "quantity": Words("12", "quantity|qty|order quantity|quantity sold|units|pieces|数量|销售数量|件数|实发数量"),
        "unit": UNIT,
        "amount": Words(
            "238.80",
            "net amount|sales amount|amount|net sales|revenue|net value|line total|extended amount|"
            "未税金额|不含税金额|销售金额|金额|无税金额",
            _("Of the whole line, without tax."),
        ),
        "tax": Words("31.04", "tax|tax amount|tax amt|vat|vat amount|税额|税金"),
        "cost": Words(
            "102.00",
            "total product cost|total cost|cost|cost of goods|cogs|成本|销售成本|成本金额",
            _("Of the whole line."),
        ),
        "currency": CURRENCY,
        "order_number": Words("SO1001", "order number|sales order number|order|sales order|订单号|销售订单号|单据编号"),
        "promotion": Words("PR7", "promotion|promotion code|campaign|促销|促销活动"),
        "salesperson": PERSON,
        "ship_to": Words(
            "EAST-SH",
            "ship to|ship to territory|sales territory|territory|送达区域|收货区域",
            _("The code of a territory."),
        ),
        "buyer": Words("", "buyer|end customer|outlet|end user|终端|门店|最终客户"),
        "serial": Words("", "batch|lot|serial|serial number|批号|批次|序列号"),
        "promised_on": Words(
            "2024-01-25", "promised on|due date|requested delivery|delivery due|承诺交期|交货日期|要求到货日"
        ),
        "delivered_on": Words(
            "2024-01-22", "delivered on|ship date|shipped|delivery date|actual delivery|发货日期|实际交货|到货日期"
        ),
    },
    "orders": {
        "external_id": Words(
            "SO1001", "order number|order|sales order number|document number|number|订单号|销售订单号|单据编号|单号"
        ),
        "distributor": DISTRIBUTOR,
        "day": Words("2024-01-15", f"order date|{DAY}|订单日期|下单日期"),
        "open_amount": Words(
            "1200.00",
            "open amount|amount not invoiced|open value|backlog|outstanding|amount|未开票金额|未清金额|未交金额|金额",
            _("What is ordered and not invoiced yet."),
        ),
        "currency": CURRENCY,
        "state": Words("open", "state|status|order status|状态|订单状态"),
    },
    "invoices": {
        "external_id": Words(
            "R2001", "invoice number|invoice|number|document number|bill number|发票号|发票号码|单据编号|单号"
        ),
        "distributor": DISTRIBUTOR,
        "kind": Words("invoice", "kind|document type|type|invoice type|单据类型|发票类型|类型"),
        "day": Words("2024-01-20", f"invoice date|issued|issue date|{DAY}|开票日期|发票日期"),
        "due_on": Words("2024-02-19", "due date|due|due on|payment due|net due date|到期日|到期日期|应收日期"),
        "amount": Words(
            "1356.00",
            "gross amount|amount with tax|total|total amount|invoice amount|amount|价税合计|含税金额|发票金额|金额",
        ),
        "currency": CURRENCY,
        "disputed": Words("no", "disputed|in dispute|争议"),
        "cancelled": Words("no", "cancelled|canceled|void|reversed|作废|已作废"),
        "settles": Words(
            "",
            "settles|refers to|reference invoice|original invoice|对应发票|原发票号",
            _("Of a credit note: the invoice that it lowers."),
        ),
    },
    "payments": {
        "external_id": Words(
            "Z3001",
            "payment number|receipt number|payment|receipt|number|document number|"
            "收款单号|付款单号|回款单号|单据编号|单号",
        ),
        "distributor": DISTRIBUTOR,
        "day": Words("2024-02-18", f"payment date|receipt date|value date|{DAY}|收款日期|回款日期|付款日期|到账日期"),
        "amount": Words(
            "1356.00", "amount|payment amount|received|amount received|paid|收款金额|回款金额|付款金额|金额"
        ),
        "currency": CURRENCY,
        "kind": Words("settlement", "kind|payment type|类型|款项类型"),
        "method": Words("transfer", "method|payment method|means|收款方式|付款方式|结算方式"),
        "due_on": Words("", "due date|acceptance due|maturity|承兑到期日|汇票到期日|到期日"),
        "settles": Words(
            "R2001",
            "settles|invoice|invoice number|reference|核销发票|对应发票|发票号",
            _("Invoice numbers; empty: the oldest first."),
        ),
        "reverses": Words("", "reverses|reversal of|冲销|冲销单号"),
    },
    "stock": {
        "distributor": DISTRIBUTOR,
        "product": PRODUCT,
        "day": Words("2024-01-31", f"{DAY}|stock date|as of|snapshot date|库存日期|盘点日期"),
        "quantity": Words("140", "quantity|qty|stock|on hand|stock quantity|closing stock|库存|库存数量|数量|期末库存"),
        "unit": UNIT,
        "value": Words("1190.00", "value|stock value|inventory value|库存金额|库存价值|金额"),
    },
    "targets": {
        "distributor": Words(
            "D0001", DISTRIBUTOR_NAMES, _("Whose target it is: a distributor, a salesperson or a territory.")
        ),
        "person": Words("", PERSON_NAMES, _("Personnel number or e-mail.")),
        "territory": Words("", TERRITORY_NAMES, _("Its code.")),
        "metric": Words("net_sales", "metric|measure|指标"),
        "period": Words("month", "period|period type|周期|期间类型", _("Month or quarter."), fallback="header"),
        "day": Words(
            "2024-01-01",
            f"first day|period start|month|{DAY}|月份|期间|年月",
            _("The first day of the month or quarter."),
            first=True,
            joined=(
                "{year}-{month}-01",
                {
                    "year": "year|calendar year|fiscal year|年|年度|年份",
                    "month": "month|month number|calendar month|月|月份",
                    "quarter": "quarter|calendar quarter|fiscal quarter|季度|季",
                },
            ),
        ),
        "value": Words(
            "50000", "target|value|quota|sales quota|sales amount quota|goal|budget|plan|目标|指标|目标值|任务|目标金额"
        ),
        "reason": Words("", "reason|note|remark|原因|备注"),
    },
    "occurrences": {
        "distributor": DISTRIBUTOR,
        "kind": Words("complaint_received", "kind|type|event|event type|类型|事件类型"),
        "external_id": Words("C-77", "reference|number|case number|ticket|编号|单号|案件号"),
        "day": Words("2024-01-09", f"occurred on|{DAY}|发生日期"),
        "ends_on": Words("", "ends on|end date|valid until|结束日期"),
        "value": Words("", "value|amount|score|数值|分值"),
        "code": Words("", "code|category|代码|分类"),
        "reversed_by": Words("", "reversed by|撤销"),
    },
}

VALUES: dict[str, str] = {
    "admin": "administrator|管理员",
    "manager": "manager|sales manager|head|director|vice president|president|lead|chief|经理|主管|总监|主任",
    "rep": "rep|representative|sales representative|regional rep|sales|seller|业务员|业务代表|代表|销售员",
    "finance": "finance|accountant|accounting|controller|财务|会计",
    "inspector": "inspector|auditor|督察|稽查",
    "analyst": "analyst|分析",
    "general": "general|national|总经销",
    "authorised": "authorised|authorized|特约",
    "ordinary": "ordinary|warehouse|wholesaler|standard|普通|批发",
    "value_added": "value added|value added reseller|var|integrator|增值",
    "agent": "agent|代理",
    "retailer": "retailer|shop|store|bike shop|specialty|零售|门店|专卖",
    "online": "online|e-commerce|web shop|网店|电商",
    "sell_in": "sell in|sale|sales|invoice|delivery|销售|出库|进货",
    "sell_through": "sell through|分销|二级销售",
    "return": "return|returns|credit|refund|退货|退回",
    "regular": "regular|standard|normal|正常|普通|标准",
    "promotion": "promotion|promo|促销",
    "special": "special|special price|特价",
    "gift": "gift|free|bonus|赠品|搭赠",
    "sample": "sample|样品",
    "replacement": "replacement|warranty|换货|补货",
    "credit_note": "credit note|credit memo|credit|贷项|红字|红字发票",
    "invoice": "invoice|blue|发票|蓝字|正数发票",
    "settlement": "settlement|payment|回款|收款",
    "prepayment": "prepayment|advance|deposit|预收|预付|定金",
    "cash": "cash|现金",
    "transfer": "transfer|bank|wire|bank transfer|电汇|转账|银行",
    "acceptance": "acceptance|bank acceptance|draft|bill|承兑|汇票|银承",
    "active": "active|current|normal|正常|启用|合作中|在用",
    "ended": "ended|inactive|closed|terminated|停用|终止|停止合作",
    "open": "open|released|未清|执行中|未完成",
    "closed": "closed|complete|completed|done|关闭|已完成|完成",
    "cancelled": "cancelled|canceled|void|取消|作废",
    "month": "month|monthly|月|月度",
    "quarter": "quarter|quarterly|季|季度",
    "average": "average|avg|mean|平均",
    "close": "close|closing|end of day|收盘",
    "net_sales": "net sales|sales|revenue|销售额",
    "quantity": "quantity|volume|数量|销量",
    "collections": "collections|回款",
}


def words_of(kind: str, field: str) -> Words:
    """Return how files call a field."""
    return WORDS.get(kind, {}).get(field) or Words("")
