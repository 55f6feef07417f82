"""How strangers call the fields of facts: sale lines, documents, stock, targets and occurrences."""

from django.utils.translation import gettext_noop as _

from distributors.ledger.kinds.naming import (
    CURRENCY,
    DAY,
    DISTRIBUTOR,
    DISTRIBUTOR_NAMES,
    NO_DAY,
    NO_GROSS,
    NO_NET,
    PERSON,
    PERSON_NAMES,
    PRODUCT,
    TERRITORY_NAMES,
    UNIT,
    Words,
)

ORDER_NUMBERS = (
    "order number|sales order number|sales order|sales document number|sales document|order|order reference|order id|"
    "invoice number|billing document|document number|document|voucher number|transaction number|transaction id|"
    "reference number|订单号|销售订单号|销售订单|订单编号|单据编号|单据号|单据号码|单号|出库单号|发票号|"
    "发票号码|凭证号"
)
NO_NUMBER = r"date|name|type|amount|value|quantity|日期|名称|类型|金额|数量|status|状态"
LINE_NUMBERS = (
    "line number|order line number|sales order line number|line|item number|position|position number|item position|"
    "sales document item|billing item|document item|order item|item|row|row number|"
    "行号|序号|订单行号|项目号|行项目|行项目号|明细行号|分录号|行次"
)

FACT_WORDS: dict[str, dict[str, Words]] = {
    "sales": {
        "external_id": Words(
            "SO1001-1",
            "line id|external id|order line id|transaction id|明细编号|单据行号|流水号|明细号|行唯一号|"
            + ORDER_NUMBERS,
            _("What makes the line unique within its source."),
            joined=("{order}-{line}", {"order": ORDER_NUMBERS, "line": LINE_NUMBERS}),
            avoid=NO_NUMBER,
        ),
        "distributor": DISTRIBUTOR,
        "product": PRODUCT,
        "day": Words(
            "2024-01-15",
            f"order date|invoice date|billing date|bill date|{DAY}|sales date|ship date|"
            "订单日期|销售日期|开票日期|出库日期|发货日期|交易时间",
            avoid=rf"{NO_DAY}|promis|request|承诺|要求|交货",
        ),
        "kind": Words(
            "sell_in",
            "kind|movement type|transaction type|document type|billing type|sales document type|业务类型|"
            "单据类型|交易类型",
        ),
        "order_type": Words("regular", "order type|sales type|订单类型|销售类型"),
        "quantity": Words(
            "12",
            "quantity|order quantity|quantity sold|billed quantity|invoiced quantity|delivered quantity|"
            "sales quantity|"
            "units|units sold|pieces|pcs|volume|数量|销售数量|件数|实发数量|开票数量|出库数量|发货数量|销量|订单数量",
            avoid=r"unit of|uom|price|open|未|可用|price unit|单位|单价",
        ),
        "unit": UNIT,
        "amount": Words(
            "238.80",
            "net amount|net value|net sales amount|sales amount|amount|net sales|revenue|line total|line amount|net|"
            "taxable value|taxable amount|"
            "extended amount|extended price|subtotal|untaxed amount|untaxed total|tax excluded|amount excluding tax|"
            "net invoiced|invoiced amount|turnover|sales|不含税金额|未税金额|无税金额|不含税销售额|销售金额|"
            "销售额|销售净额|净额|"
            "未税销售额|金额|货款|开票金额|订单金额",
            _("Of the whole line, without tax."),
            avoid=NO_NET,
        ),
        "tax": Words(
            "31.04",
            "tax|tax amount|vat|vat amount|sales tax|gst|output tax|税额|税金|销项税|销项税额|增值税额",
            avoid=r"rate|%|number|code|\bid\b|excl|incl|without|with|税率|税号|不含税|含税",
        ),
        "cost": Words(
            "102.00",
            "total product cost|total cost|cost amount|cost|cost of goods|cost of goods sold|cogs|"
            "销售成本|成本金额|总成本|成本",
            _("Of the whole line."),
            avoid=r"unit cost|unit price|per unit|单位成本|成本单价|成本价|cent(er|re)|中心",
        ),
        "currency": CURRENCY,
        "order_number": Words("SO1001", ORDER_NUMBERS, avoid=f"{NO_NUMBER}|line|row|行号"),
        "promotion": Words("PR7", "promotion|promotion code|campaign|促销|促销活动|活动编码", avoid="amount|金额|flag"),
        "salesperson": PERSON,
        "ship_to": Words(
            "EAST-SH",
            "ship to territory|ship to|sales territory|territory|送达区域|收货区域",
            _("The code of a territory."),
            avoid="address|name|地址|party|customer|city",
        ),
        "buyer": Words("", "buyer|end customer|outlet|end user|终端|门店|最终客户|终端客户"),
        "serial": Words("", "batch|batch number|lot|lot number|serial|serial number|批号|批次|序列号|批次号"),
        "promised_on": Words(
            "2024-01-25",
            "promised on|due date|requested delivery|requested delivery date|delivery due|承诺交期|交货日期|"
            "要求到货日|要求交货日期",
        ),
        "delivered_on": Words(
            "2024-01-22",
            "delivered on|ship date|shipped|delivery date|actual delivery|actual goods issue date|"
            "发货日期|实际交货|到货日期|实际交货日期|签收日期",
            avoid="request|promis|due|要求|承诺",
        ),
    },
    "orders": {
        "external_id": Words("SO1001", f"{ORDER_NUMBERS}|number|external id", avoid=f"{NO_NUMBER}|line|row|行号"),
        "distributor": DISTRIBUTOR,
        "day": Words(
            "2024-01-15",
            f"order date|{DAY}|created on|creation date|订单日期|下单日期|签订日期|下单时间",
            avoid=rf"{NO_DAY}|promis|request|deliver|ship|承诺|要求|交货|发货",
        ),
        "open_amount": Words(
            "1200.00",
            "open amount|amount not invoiced|open value|open order value|uninvoiced amount|amount to invoice|"
            "to be invoiced|"
            "backlog|backlog value|outstanding|outstanding amount|remaining amount|amount|"
            "未开票金额|未清金额|未交金额|未发货金额|未执行金额|剩余金额|未开票|金额",
            _("What is ordered and not invoiced yet."),
            avoid=r"税额|税率|tax|单价|\bprice|(?<!not )(?<!un)invoiced amount|已",
        ),
        "currency": CURRENCY,
        "state": Words("open", "state|status|order status|overall status|状态|订单状态|单据状态", avoid="province|省"),
    },
    "invoices": {
        "external_id": Words(
            "R2001",
            "invoice number|invoice|invoice id|billing document|document number|number|bill number|"
            "accounting document|"
            "voucher number|transaction number|reference number|发票号|发票号码|发票编号|票号|单据编号|单据号|"
            "单据号码|单号|应收单号|凭证号",
            avoid=f"{NO_NUMBER}|original|原|对应|reference invoice|order|订单",
        ),
        "distributor": DISTRIBUTOR,
        "kind": Words(
            "invoice",
            "document type|kind|billing type|invoice type|transaction type|type|move type|单据类型|发票类型|"
            "票据类型|类型",
        ),
        "day": Words(
            "2024-01-20",
            f"invoice date|billing date|bill date|issued|issue date|{DAY}|开票日期|发票日期|出票日期|开具日期",
            avoid=rf"{NO_DAY}|pay|付款|收款|应收日",
        ),
        "due_on": Words(
            "2024-02-19",
            "due date|net due date|due|due on|payment due|payment due date|due by|maturity date|"
            "到期日|到期日期|应收日期|付款到期日|应付日期|账期到期日|最后付款日|收款到期日",
            avoid="amount|金额|days|天",
        ),
        "amount": Words(
            "1356.00",
            "gross amount|amount with tax|amount including tax|gross value|total amount|invoice amount|total|"
            "invoice total|"
            "amount in document currency|amount|价税合计|含税金额|含税合计|发票金额|开票金额|应收金额|合计金额|"
            "总金额|总额|金额",
            avoid=NO_GROSS,
        ),
        "currency": CURRENCY,
        "disputed": Words("no", "disputed|in dispute|dispute|争议|是否争议|有争议"),
        "cancelled": Words("no", "cancelled|canceled|void|voided|reversed|作废|已作废|是否作废|作废标志"),
        "settles": Words(
            "",
            "settles|refers to|reference invoice|original invoice|applies to|credited invoice|对应发票|原发票号|"
            "蓝字发票号|原发票",
            _("Of a credit note: the invoice that it lowers."),
        ),
    },
    "payments": {
        "external_id": Words(
            "Z3001",
            "payment number|receipt number|payment id|payment|receipt|number|document number|transaction number|"
            "reference number|voucher number|clearing document|"
            "收款单号|付款单号|回款单号|单据编号|单据号|单据号码|单号|流水号|银行流水号|凭证号",
            avoid=f"{NO_NUMBER}|invoice|发票|method|term|方式",
        ),
        "distributor": DISTRIBUTOR,
        "day": Words(
            "2024-02-18",
            f"payment date|receipt date|value date|date paid|clearing date|{DAY}|收款日期|回款日期|付款日期|"
            f"到账日期|入账日期|收款时间",
            avoid=NO_DAY,
        ),
        "amount": Words(
            "1356.00",
            "amount|payment amount|received|amount received|amount paid|paid amount|paid|receipt amount|"
            "amount in document currency|收款金额|回款金额|付款金额|实收金额|到账金额|本次收款|金额",
            avoid=r"discount|fee|charge|open|balance|unapplied|手续费|余额|折扣|未",
        ),
        "currency": CURRENCY,
        "kind": Words("settlement", "payment type|kind|type|款项类型|收款类型|类型"),
        "method": Words("transfer", "payment method|method|means|payment means|收款方式|付款方式|结算方式|支付方式"),
        "due_on": Words(
            "",
            "acceptance due|maturity|maturity date|due date|承兑到期日|汇票到期日|到期日|票据到期日",
            avoid="amount|金额",
        ),
        "settles": Words(
            "R2001",
            "settles|invoice|invoice number|applied to|paid invoice|reference|核销发票|对应发票|发票号|发票号码|"
            "核销单号",
            _("Invoice numbers; empty: the oldest first."),
            avoid="date|amount|日期|金额",
        ),
        "reverses": Words("", "reverses|reversal of|reversed payment|冲销|冲销单号"),
    },
    "stock": {
        "distributor": DISTRIBUTOR,
        "product": PRODUCT,
        "day": Words(
            "2024-01-31",
            f"{DAY}|stock date|as of|as of date|snapshot date|count date|inventory date|库存日期|盘点日期|"
            f"统计日期|截止日期|截至日期",
            avoid=r"due|expir|valid to|manufact|received|changed|modified|到期|失效|生产|修改|更新",
        ),
        "quantity": Words(
            "140",
            "quantity|stock|on hand|quantity on hand|on hand quantity|stock quantity|closing stock|closing quantity|"
            "unrestricted stock|unrestricted|ending inventory|inventory quantity|inventory|"
            "库存|库存数量|数量|期末库存|期末数量|现存量|结存数量|实际库存|库存量|当前库存",
            avoid=r"value|amount|price|cost|uom|unit of|date|金额|单价|价值|日期|单位|安全|min|max|reserved|"
            r"transit|在途|可用",
        ),
        "unit": UNIT,
        "value": Words(
            "1190.00",
            "stock value|inventory value|value|total value|amount|库存金额|库存价值|结存金额|期末金额|金额",
            avoid="unit|单",
        ),
    },
    "targets": {
        "distributor": Words(
            "D0001", DISTRIBUTOR_NAMES, _("Whose target it is: a distributor, a salesperson or a territory.")
        ),
        "person": Words("", PERSON_NAMES, _("Personnel number or e-mail.")),
        "territory": Words("", TERRITORY_NAMES, _("Its code.")),
        "metric": Words("net_sales", "metric|measure|indicator|kpi|指标|考核指标|指标名称", avoid="value|值"),
        "period": Words(
            "month", "period type|period|周期|期间类型|考核周期", _("Month or quarter."), fallback="header"
        ),
        "day": Words(
            "2024-01-01",
            f"first day|period start|start date|month|period|{DAY}|月份|期间|年月|会计期间|目标月份|考核月份",
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
            avoid=r"until|\bend|结束",
        ),
        "value": Words(
            "50000",
            "target|target value|target amount|sales target|value|quota|sales quota|sales amount quota|goal|"
            "budget|plan|amount|"
            "目标|目标值|目标金额|销售目标|任务|任务量|任务额|计划|计划金额|指标值|指标|预算|金额",
            avoid=r"actual|achiev|last year|growth|实际|完成|达成|去年|同期|增长|type|类型",
        ),
        "reason": Words("", "reason|note|notes|remark|comment|原因|备注|说明"),
    },
    "occurrences": {
        "distributor": DISTRIBUTOR,
        "kind": Words("complaint_received", "event type|kind|type|event|类型|事件类型|事项类型|事件"),
        "external_id": Words(
            "C-77",
            "reference number|reference|case number|ticket number|ticket|incident number|number|case id|"
            "编号|单号|案件号|事件编号|工单号|案件编号|投诉单号",
            avoid=NO_NUMBER,
        ),
        "day": Words(
            "2024-01-09",
            f"occurred on|event date|reported on|{DAY}|发生日期|发生时间|事件日期|投诉日期",
            avoid=rf"{NO_DAY}|\bend|结束",
        ),
        "ends_on": Words("", "ends on|end date|valid until|结束日期|截止日期"),
        "value": Words("", "value|amount|score|数值|分值|金额|得分"),
        "code": Words("", "code|category|代码|分类", avoid="distributor|customer|经销商|客户|case|案件"),
        "reversed_by": Words("", "reversed by|撤销|撤销编号"),
    },
}
