"""How strangers call the fields of contracts, and what they write in them."""

from django.utils.translation import gettext_noop as _

from distributors.ledger.kinds.naming import DISTRIBUTOR, Words

CONTRACT_WORDS: dict[str, dict[str, Words]] = {
    "contracts": {
        "number": Words(
            "C-2026-001",
            "contract number|contract no|agreement number|contract|agreement|合同编号|合同号|协议编号|协议号|合同",
            avoid="type|kind|date|类型|日期",
        ),
        "distributor": DISTRIBUTOR,
        "kind": Words(
            "authorised",
            "contract type|contract kind|agreement type|type|kind|合同类型|合同种类|协议类型|代理类型|类型",
            _("General agency, authorised distribution, ordinary distribution or after-sales service."),
        ),
        "signed_on": Words(
            "2025-12-15",
            "signed on|signature date|signing date|date signed|signed|签订日期|签署日期|签约日期|签订时间",
            _("Empty: a draft. With it the contract is in force."),
        ),
        "valid_from": Words(
            "2026-01-01",
            "valid from|start date|effective date|effective from|begins on|start|生效日期|开始日期|有效期起|起始日期|"
            "生效日",
        ),
        "valid_to": Words(
            "2026-12-31",
            "valid to|end date|expiry date|valid until|expires on|end|到期日期|结束日期|有效期止|终止日期|到期日",
            _("The last day; empty: until further notice."),
        ),
        "coverage": Words(
            "",
            "coverage|covered territory|contract territory|territory code|territory|sales territory|region|授权区域|"
            "覆盖区域|合同区域|区域编码|区域",
            _(
                "Codes of territories, “;” between them, each with “=” and a product line or for all of them: "
                "EAST;NORTH=Pumps*. “*” makes it exclusive."
            ),
        ),
        "exclusive": Words(
            "no", "exclusive|exclusivity|sole|独家|是否独家|独家标志", _("Whether all of the coverage is exclusive.")
        ),
        "yearly_target": Words(
            "1200000",
            "yearly target|annual target|target|sales target|年度目标|年销售目标|年度任务|年销售任务|任务额|合同金额",
            _("Net sales a year in the base currency; split evenly over twelve months."),
        ),
        "minimum_purchase": Words(
            "800000", "minimum purchase|minimum purchase a year|minimum order value|最低采购额|最低进货额|年最低采购额"
        ),
        "sub_distributors": Words(
            "10", "sub distributors|sub-distributors committed|number of sub-dealers|二级经销商数|二批数量|分销商数量"
        ),
        "coverage_commitment": Words(
            "80 outlets in every county", "coverage commitment|outlet commitment|覆盖承诺|网点承诺|铺货承诺"
        ),
        "reporting_duty": Words("Stock every month", "reporting duty|reporting|报告义务|报表要求|报告要求"),
        "credit_days": Words(
            "30", "credit days|payment days|payment terms days|terms days|账期|账期天数|信用天数|付款天数"
        ),
        "credit_terms": Words("30 % by bank acceptance", "credit terms|payment terms|信用条款|付款条款|付款条件"),
        "price_terms": Words("List price less 22 %", "price terms|pricing|discount terms|价格条款|价格政策|折扣条款"),
    },
}
CONTRACT_VALUES: dict[str, str] = {
    "kind.general": "general agency|general agent|sole agency|总代理|总经销|总经销合同|总代理合同",
    "kind.authorised": "authorised distribution|authorised|authorized|distribution|特约经销|特约|特约经销合同|授权经销",
    "kind.ordinary": "ordinary distribution|ordinary|standard|普通经销|普通|普通经销合同|一般经销",
    "kind.service": "after-sales service|service|service point|service station|服务点|维修点|"
    "service contract|售后服务|服务|服务合同|售后服务合同|维修服务",
}
