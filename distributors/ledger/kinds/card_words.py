"""How strangers call the fields of outlets, of figures by date and of terms of cooperation."""

from dataclasses import replace

from distributors.ledger.kinds.naming import CURRENCY, DISTRIBUTOR, Words

CARD_WORDS: dict[str, dict[str, Words]] = {
    "outlets": {
        "distributor": DISTRIBUTOR,
        "name": Words(
            "North Street shop",
            "outlet name|outlet|shop name|shop|store name|store|name|branch|point of sale|网点名称|网点|门店名称|门店|"
            "店名|店铺|店铺名称|名称",
            avoid="kind|type|city|类型|城市",
        ),
        "kind": Words("store", "outlet type|outlet kind|store type|shop type|kind|type|网点类型|门店类型|类型|业态"),
        "address": Words("12 North Street", "address|street|street address|地址|详细地址|门店地址|店址"),
        "city": Words("Shanghai", "city|town|城市|所在城市|市"),
        "size_m2": Words("120", "size|size m2|area m2|floor area|sales area|area|sqm|面积|营业面积|店面面积"),
        "latitude": Words("31.2304", "latitude|lat|纬度"),
        "longitude": Words("121.4737", "longitude|lng|lon|long|经度"),
        "opened_on": Words("2021-05-01", "opened on|opened|opening date|open date|开店日期|开业日期"),
        "closed_on": Words("2025-06-30", "closed on|closed|closing date|close date|end date|关店日期|停业日期"),
    },
    "figures": {
        "distributor": DISTRIBUTOR,
        "as_of": Words("2025-12-31", "as of|as of date|date|day|survey date|日期|截止日期|统计日期|调查日期"),
        "turnover": Words("8000000", "turnover|own turnover|annual turnover|revenue|营业额|年营业额|年销售额"),
        "wallet": Words(
            "3500000",
            "wallet|selling capacity|category sales|total category sales|potential|品类销售能力|总销售能力|销售潜力",
        ),
        "currency": replace(CURRENCY, fallback="base_currency"),
        "staff": Words("30", "staff|employees|headcount|number of employees|员工|员工数|员工人数", avoid="sales|销售"),
        "sales_staff": Words("12", "sales staff|sellers|sales people|sales headcount|销售人员|销售人数|业务人员数"),
        "warehouse_m2": Words("900", "warehouse m2|warehouse|warehouse area|warehouse size|仓库面积|仓储面积|仓库"),
        "showroom_m2": Words("150", "showroom m2|showroom|showroom area|showroom size|展厅面积|展示面积|展厅"),
        "vehicles": Words("4", "vehicles|number of vehicles|trucks|vans|fleet|车辆|车辆数|配送车辆"),
    },
    "cooperation": {
        "distributor": DISTRIBUTOR,
        "first_contact_on": Words("2019-03-18", "first contact on|first contact|首次接触|首次接触日期"),
        "delivery_windows": Words("Mon-Fri 8-11", "delivery windows|delivery hours|收货时段|收货时间|送货时间"),
        "delivery_requirements": Words(
            "On pallets", "delivery requirements|delivery notes|delivery instructions|收货要求|送货要求|配送要求"
        ),
        "settlement_method": Words(
            "transfer", "settlement method|payment method|method of payment|结算方式|付款方式|支付方式"
        ),
        "settlement_days": Words(
            "45", "settlement days|payment days|payment terms days|credit days|days|结算天数|账期|账期天数|付款天数"
        ),
        "invoice_kind": Words("vat_special", "invoice kind|invoice type|kind of invoice|发票类型|发票种类|开票类型"),
    },
}
