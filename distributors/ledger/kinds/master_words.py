"""How strangers call the fields of territories, people, distributors, assignments, products and rates."""

from django.utils.translation import gettext_noop as _

from distributors.ledger.kinds.naming import (
    DAY,
    DISTRIBUTOR,
    DISTRIBUTOR_NAMES,
    NO_DAY,
    PERSON_NAMES,
    PRODUCT_NAMES,
    TERRITORY,
    TERRITORY_NAMES,
    Words,
)

MASTER_WORDS: dict[str, dict[str, Words]] = {
    "territories": {
        "parent": Words(
            "EAST",
            "parent code|parent|parent territory|parent region|parent territory code|within|upper|reports to|"
            "belongs to|"
            "上级编码|上级|上级区域编码|上级区域|上级大区|父级|父级编码|所属上级|隶属",
            _("The code of the one above."),
            avoid="name|名称",
        ),
        "name": Words(
            "Shanghai",
            "name|territory name|region name|area name|district name|zone name|description|territory|region|"
            "区域名称|名称|地区名称|大区名称|片区名称|办事处名称|区域",
            avoid="parent|upper|上级|父级",
        ),
        "level": Words(
            "city", "level|type|hierarchy level|层级|级别|类型|区域级别|区域类型", _("Such as country, region, city.")
        ),
        "code": Words(
            "EAST-SH",
            "territory code|code|territory id|territory key|region code|region id|area code|district code|zone code|"
            "sales district|sales territory|territory|区域编码|区域代码|编码|代码|大区编码|片区编码|地区编码|"
            "区域编号|区域",
            avoid="parent|upper|name|postal|zip|phone|上级|父级|名称|邮政",
        ),
    },
    "people": {
        "email": Words(
            "rui@example.com",
            "email|e-mail|email address|e-mail address|work email|business email|mail|login|user name|"
            "邮箱|电子邮箱|电子邮件|邮箱地址|工作邮箱|公司邮箱|企业邮箱|邮件地址",
            _("With it they sign in."),
        ),
        "name": Words(
            "Rui Chen",
            "name|full name|display name|employee name|person|salesperson|employee|姓名|员工姓名|人员姓名|名称|"
            "业务员|职员名称",
            joined=(
                "{first} {last}",
                {"first": "first name|given name|forename|名", "last": "last name|surname|family name|姓"},
            ),
            avoid="login|user|manager|上级|主管|territory|region|区域|部门|position",
        ),
        "code": Words(
            "E012",
            "personnel number|employee code|employee number|employee id|employee key|staff number|staff id|"
            "badge number|"
            "salesperson code|code|employee|工号|员工编号|员工号|员工编码|人员编码|职员编码|业务员编码|编码",
            avoid="postal|zip|territory|region|区域|manager|上级",
        ),
        "title": Words("Regional rep", "job title|title|position|position title|function|职位|岗位|职务|岗位名称"),
        "role": Words(
            "rep",
            "role|user role|position|job title|title|function|角色|岗位|职位|职务|岗位名称",
            _("What they may do here."),
        ),
        "territory": Words("EAST-SH", TERRITORY_NAMES, _("The code of the territory that they reach.")),
        "everywhere": Words("no", "everywhere|all territories|全部区域|所有区域"),
        "is_active": Words(
            "yes",
            "active|is active|enabled|may sign in|status|employment status|在职|是否在职|在职状态|启用|是否启用|状态",
            avoid="inactive|married|婚",
        ),
    },
    "distributors": {
        "legal_name": Words(
            "East Lake Trading Co., Ltd.",
            "legal name|name|company|company name|reseller name|dealer name|distributor name|customer name|"
            "account name|"
            "partner name|card name|name 1|organization|organisation|registered name|display name|customer|"
            "经销商名称|经销商全称|客户名称|客户全称|公司名称|公司全称|企业名称|企业全称|单位名称|单位全称|"
            "渠道商名称|名称|全称",
            avoid="short|简称|contact|联系人|territory|region|区域|owner|业务员|english|英文|file|parent|上级",
        ),
        "short_name": Words(
            "East Lake", "short name|abbreviation|search term|nickname|alias|简称|客户简称|公司简称|经销商简称"
        ),
        "other_name": Words("东湖贸易", "other name|english name|name 2|foreign name|英文名称|外文名称|英文名"),
        "type": Words(
            "ordinary",
            "type|business type|partner type|customer type|customer group|customer class|category|channel|"
            "类型|客户类型|经销商类型|客户分类|客户性质|渠道类型|客户类别",
            avoid="price|价格",
        ),
        "tier": Words("1", "tier|level|层级|级别", _("1 buys from us, 2 buys from a tier 1."), avoid="credit|信用"),
        "parent": Words(
            "D0002",
            "parent|buys from|supplier|upper distributor|parent customer|parent account|supplied by|"
            "上级经销商|上级客户|供货商|上级经销商编码|上级客户编码",
            _("The code of the distributor that supplies it."),
        ),
        "registration_number": Words(
            "91310000MA1K30001X",
            "registration number|registration|company registration number|统一社会信用代码|社会信用代码|"
            "营业执照号|注册号",
        ),
        "tax_number": Words(
            "91310000MA1K30001X",
            "tax number|vat number|vat id|vat registration number|tax id|tax registration number|税号|"
            "纳税人识别号|税务登记号",
        ),
        "legal_representative": Words("Chen Dong", "legal representative|法定代表人|法人|法人代表"),
        "founded_on": Words(
            "2008-05-01", "founded on|founded|established|year opened|year founded|成立日期|成立时间|成立年份"
        ),
        "registered_capital": Words("1000000", "registered capital|capital|注册资本|注册资金"),
        "phone": Words(
            "021-5555 0101",
            "phone|telephone|phone number|phone 1|telephone 1|mobile|mobile phone|联系电话|电话|手机|手机号|"
            "手机号码|联系人电话",
            avoid="fax|传真",
        ),
        "email": Words("info@example.com", "email|e-mail|email address|e-mail address|邮箱|电子邮箱|邮箱地址|电子邮件"),
        "website": Words("https://example.com", "website|homepage|url|web|web site|网站|网址|官网"),
        "language": Words("zh-hans", "language|language key|语言"),
        "time_zone": Words("Asia/Shanghai", "time zone|timezone|时区"),
        "currency": Words("CNY", "currency|currency code|币种|货币|结算币种", avoid="rate|汇率"),
        "cooperation_since": Words(
            "2015-03-01",
            "cooperation since|customer since|partner since|since|start date|合作日期|合作开始|合作开始日期|"
            "开始合作日期|"
            "开户日期|建档日期|合作时间",
            avoid=NO_DAY,
        ),
        "state": Words("active", "state|status|lifecycle|状态|客户状态|合作状态", avoid="province|prov|region|tax"),
        "territory": TERRITORY,
        "owner": Words(
            "E012", PERSON_NAMES, _("Personnel number or e-mail of who covers it."), avoid="所有制|ownership"
        ),
        "covered_from": Words(
            "2024-01-01", "covered from|负责开始|负责开始日期", _("Empty: since the co-operation, else this month.")
        ),
        "address": Words(
            "12 Lake Road",
            "address|street|address line 1|street address|billing street|address 1|street and house number|"
            "详细地址|地址|注册地址|联系地址|通讯地址|办公地址|公司地址",
            avoid="mail|邮箱|web|city|country|postal|state",
        ),
        "city": Words("Shanghai", "city|town|billing city|城市|市|所在城市|所在市|地市"),
        "province": Words(
            "Shanghai",
            "province|state|province state|state province|state province name|province name|billing state|省|"
            "省份|省市|所在省份|所在省",
            avoid="status|状态",
        ),
        "postal_code": Words("200000", "postal code|zip|zip code|postcode|post code|邮编|邮政编码"),
        "country": Words("China", "country|country name|country region|country region name|country key|国家|国家地区"),
        "tags": Words(
            "Key account, Tools",
            "tags|tag|labels|label|标签|客户标签",
            _("Several with commas between; an empty cell takes all away."),
        ),
        "code": Words(
            "D0001",
            f"code|{DISTRIBUTOR_NAMES}|编码|编号|代码",
            _("What other files call it by."),
            avoid=r"postal|zip|phone|name|名称|全称|简称|parent|上级|group|type|class|since|credit|信用|税|"
            r"email|address",
        ),
    },
    "assignments": {
        "distributor": DISTRIBUTOR,
        "day": Words(
            "2024-01-01",
            "from|valid from|effective from|start|start date|start month|effective date|effective month|since|"
            "begin date|"
            "开始日期|生效日期|起始日期|生效月份|起始月份|开始月份|开始时间|启用日期",
            _("The first of a month."),
            avoid=r"until|valid to|\bend|结束|失效|截止",
        ),
        "territory": TERRITORY,
        "owner": Words("E012", PERSON_NAMES, _("Personnel number or e-mail of who covers it.")),
        "reason": Words("", "reason|note|notes|remark|comment|原因|备注|说明|变更原因"),
    },
    "products": {
        "sku": Words(
            "P-100",
            f"{PRODUCT_NAMES}|code|编码|代码|编号",
            _("What other files call it by."),
            avoid="name|名称|description|描述|group|categor|line|hierarchy|分类|类别|品类|产品线|系列|price|"
            "cost|价|成本|unit|单位|type",
        ),
        "name": Words(
            "Bottle 500 ml",
            "product name|name|material description|item description|product description|item name|article name|"
            "description|display name|short text|title|product|item|产品名称|商品名称|物料名称|物料描述|"
            "存货名称|品名|"
            "产品描述|品名规格|名称",
            avoid="line|group|categor|brand|系列|产品线|类别|分类|品类|品牌",
        ),
        "line": Words(
            "Bottles",
            "product line|line|category|product category name|product category|product group|material group|"
            "item group|"
            "product hierarchy|family|division|segment|"
            "产品线|产品类别|品类|商品分类|存货分类|物料组|产品系列|产品大类|大类|类别|产品分类",
            gap=_("Other"),
            avoid="name|description|名称",
        ),
        "line_name": Words(
            "Bottles",
            "product line name|line name|category name|material group description|产品线名称|类别名称|分类名称|"
            "物料组描述",
        ),
        "brand": Words("Lake", "brand|make|品牌"),
        "base_unit": Words(
            "pc",
            "base unit|base unit of measure|base uom|unit|unit of measure|uom|stock unit|"
            "基本单位|基本计量单位|主单位|主计量单位|单位|计量单位|库存单位",
            avoid="price|cost|value|amount|价|成本|金额|换算|辅助|箱单位|销售单位|other|sales|pack|case|per",
        ),
        "unit": Words(
            "box",
            "other unit|packing unit|sales unit|case unit|alternative unit|second unit|箱单位|辅助单位|销售单位|"
            "辅单位|包装单位",
            avoid="price|cost|价|成本",
        ),
        "factor": Words(
            "12",
            "factor|pack size|units per case|units per pack|units per box|conversion factor|case quantity|"
            "换算率|箱规|换算系数|每箱数量|装箱数",
        ),
        "launched_on": Words(
            "2023-01-01",
            "launched on|launch date|start date|sell start date|available from|上市日期|启用日期|上市时间",
            avoid=NO_DAY,
        ),
        "list_price": Words(
            "19.90",
            "list price|price|retail price|sales price|selling price|unit price|recommended price|msrp|"
            "标价|目录价|零售价|建议零售价|单价|销售价|出厂价|吊牌价|标准售价",
            avoid="min|floor|最低|cost|成本|purchase|采购",
        ),
        "floor_price": Words("12.00", "floor price|minimum price|lowest price|最低价|底价|限价|最低售价"),
        "cost": Words(
            "8.50",
            "standard cost|cost|unit cost|cost price|standard price|moving average price|purchase price|"
            "标准成本|成本|成本价|单位成本|采购价",
            avoid="center|centre|中心",
        ),
    },
    "rates": {
        "currency": Words(
            "USD",
            "currency|currency code|from currency|foreign currency|source currency|currency alternate|"
            "币种|货币|外币|原币|源货币|外币币种|货币代码",
            avoid="rate|汇率|to currency|base|target|目标|本位",
        ),
        "day": Words(
            "2024-01-02",
            f"{DAY}|rate date|valid from|effective date|quotation date|生效日期|汇率日期|公布日期",
            avoid=NO_DAY,
        ),
        "kind": Words("average", "rate type|kind|exchange rate type|汇率类型", avoid="currency|币"),
        "rate": Words(
            "7.1",
            "average rate|exchange rate|rate|mid rate|middle rate|conversion rate|spot rate|closing rate|"
            "direct quotation|"
            "汇率|平均汇率|中间价|基准价|折算率|记账汇率|折算汇率",
            _("What one unit is worth in the base currency."),
            avoid="type|date|类型|日期|inverse|indirect|间接",
        ),
    },
}
