"""How strangers call a field: example, meaning, names in English and Chinese, the likely one first."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Words:
    """What a file may call a field, `|` between the names.

    `joined` is a template over named parts, each with its own names, for a field that stands in several columns;
    `fallback` says what fills a field that no column gives, `gap` the empty cells of one that must not be empty.
    `first` is set where days are the first of a month; `avoid` is what in the name of a column tells that it holds
    something else, such as an amount with tax.
    """

    example: str
    names: str = ""
    meaning: str = ""
    joined: tuple[str, Mapping[str, str]] | None = None
    fallback: str = ""
    gap: str = ""
    first: bool = False
    avoid: str = ""

    @property
    def listed(self) -> list[str]:
        """Return the names one by one."""
        return self.names.split("|") if self.names else []


DISTRIBUTOR_NAMES = (
    "distributor code|distributor|reseller|dealer|customer code|customer number|customer|sold to party|sold to|"
    "bill to party|bill to customer|bill to|payer|account number|account|client|business partner|partner|card code|"
    "entity|buyer code|经销商编码|经销商代码|经销商编号|经销商|客户编码|客户编号|客户代码|客户号|客户|购货单位编码|"
    "购货单位|往来单位编码|往来单位|售达方|付款方|渠道商编码|渠道商|代理商|customer name|经销商名称|客户名称|客户全称"
)
PRODUCT_NAMES = (
    "sku|product code|product|item code|item number|item|material number|material|article number|article|part number|"
    "stock code|goods code|internal reference|product reference|model number|"
    "产品编码|产品代码|产品编号|产品|商品编码|商品编号|商品代码|商品|物料编码|物料编号|物料号|物料|货号|品号|"
    "存货编码|"
    "料号|product name|产品名称|商品名称|物料名称"
)
PERSON_NAMES = (
    "salesperson|sales rep|rep|employee code|employee|sales employee|sales person|owner|account owner|"
    "account manager|"
    "key account manager|responsible|assigned to|seller|业务员编码|业务员|业务代表|业务经理|销售员|销售代表|销售人员|"
    "客户经理|员工编号|工号|负责人|责任人"
)
TERRITORY_NAMES = (
    "territory code|territory|sales territory|region code|region|sales region|sales district|sales office|sales area|"
    "area|district|zone|branch|区域编码|区域代码|区域|销售区域|所属区域|地区|大区编码|大区|所属大区|片区|战区|办事处|"
    "分公司|region name|区域名称|大区名称"
)
DAY = (
    "date|day|document date|posting date|transaction date|entry date|日期|单据日期|记账日期|业务日期|制单日期|"
    "交易日期|"
    "过账日期"
)
NO_DAY = r"due|expir|until|valid to|changed|modified|updated|birth|到期|截止|修改|更新|生日|失效"
DISTRIBUTOR = Words("D0001", DISTRIBUTOR_NAMES, _("Its code, as among the distributors here."))
PRODUCT = Words(
    "P-100",
    PRODUCT_NAMES,
    _("Its SKU, as among the products of the same source."),
    avoid=r"group|categor|hierarchy|price|cost|分类|类别|价|成本",
)
PERSON = Words("E012", PERSON_NAMES, _("Personnel number or e-mail."))
TERRITORY = Words("EAST-SH", TERRITORY_NAMES, _("Its code, as among the territories here."))
CURRENCY = Words(
    "CNY",
    "currency code|currency|document currency|transaction currency|order currency|币种|货币|币别|原币|币种编码|"
    "结算币种",
    _("Three capital letters. Without it: the base currency."),
    fallback="base_currency",
    avoid=r"rate|汇率|金额|amount",
)
UNIT = Words(
    "box",
    "unit|unit of measure|uom|sales unit|sales uom|units of measure|单位|计量单位|销售单位|单位名称",
    _("Empty: the base unit of the product."),
    avoid=r"price|cost|value|amount|价|成本|金额|购货|往来|客户|开票|收货|quantity|qty",
)
NO_NET = (
    r"(?<![不未无])含税|incl|gross|with tax|价税|税额|税率|tax amount|tax rate|单价|成本|毛利|折扣|返利|discount|"
    r"margin|profit|rebate|\bcost|(?<!extended )(?<!ext )(?<!ext\. )\bprice"
)
NO_GROSS = (
    r"不含税|未税|无税|\bnet\b|untaxed|excl|without tax|税额|税率|tax amount|open|balance|未收|余额|\bpaid|已收|"
    r"\bdue|"
    r"discount|折扣|单价|\bprice"
)
