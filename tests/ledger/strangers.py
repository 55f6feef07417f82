"""Files as strangers to this project write them: invented records, headers and habits of many systems."""

from datetime import date

# Kind, what it is, the file, and the fields with the columns that feed them.
FILES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    (
        "territories",
        "a flat Chinese list",
        "大区编码,大区名称,上级编码\nN,华北,\nN-BJ,北京,N\n",
        {"code": "大区编码", "name": "大区名称", "parent": "上级编码"},
    ),
    (
        "territories",
        "an English export",
        "Region ID;Region Name;Parent Region;Level\nNO;North;;region\nNO-1;North one;NO;district\n",
        {"code": "Region ID", "name": "Region Name", "parent": "Parent Region", "level": "Level"},
    ),
    (
        "people",
        "staff of a Chinese company",
        "工号,姓名,邮箱,岗位,在职状态,所属大区\nE7,林一,lin@example.com,业务员,在职,T1\n"
        "E8,芮二,rui@example.com,经理,离职,T1\n",
        {
            "code": "工号",
            "name": "姓名",
            "email": "邮箱",
            "role": "岗位",
            "is_active": "在职状态",
            "territory": "所属大区",
        },
    ),
    (
        "people",
        "an English staff list with the name in two columns",
        "Emp No;First Name;Last Name;Work Email;Position;Status;Sales Region\n"
        "E7;Ann;Low;ann@example.com;Sales Rep;Active;T1\nE8;Bo;Ray;bo@example.com;Sales Manager;Left;T1\n",
        {
            "code": "Emp No",
            "name": "{First Name} {Last Name}",
            "email": "Work Email",
            "role": "Position",
            "is_active": "Status",
            "territory": "Sales Region",
        },
    ),
    (
        "distributors",
        "SAP customers",
        "Customer;Name 1;Search Term;Street;Postal Code;City;Country;Sales District;VAT Reg. No.;Customer Group\n"
        "10001;Alpha Tools GmbH;ALPHA;Lake Road 1;80331;Munich;DE;T1;DE111;Wholesaler\n"
        "10002;Beta Parts AG;BETA;Hill Road 2;20095;Hamburg;DE;T1;DE222;Retailer\n",
        {
            "code": "Customer",
            "legal_name": "Name 1",
            "short_name": "Search Term",
            "address": "Street",
            "postal_code": "Postal Code",
            "city": "City",
            "country": "Country",
            "territory": "Sales District",
            "type": "Customer Group",
        },
    ),
    (
        "distributors",
        "Chinese customers with the territory by its name",
        "*客户编码,客户名称,客户简称,省份,城市,大区,业务员,联系电话,税号,开户日期\n"
        "K001,东湖贸易有限公司,东湖,上海,上海,Home,E1,021-1,9131,2020/5/1\n"
        "K002,西山商贸有限公司,西山,江苏,南京,Home,E1,025-2,9132,2021/12/31\n",
        {
            "code": "*客户编码",
            "legal_name": "客户名称",
            "short_name": "客户简称",
            "province": "省份",
            "city": "城市",
            "territory": "大区",
            "owner": "业务员",
            "phone": "联系电话",
            "tax_number": "税号",
            "cooperation_since": "开户日期",
        },
    ),
    (
        "distributors",
        "customers of which one column is the name and one the number",
        "Customer,Customer No,Region,Cust. Type\nGamma Ltd,G-1,T1,Standard\nDelta Ltd,G-2,T1,Agent\n",
        {"code": "Customer No", "legal_name": "Customer", "territory": "Region", "type": "Cust. Type"},
    ),
    (
        "assignments",
        "who covered whom, in Chinese",
        "经销商编码,负责人,区域编码,生效日期,备注\nD1,E1,T1,2025年1月1日,换人\nD2,E1,T1,2025年2月1日,\n",
        {"distributor": "经销商编码", "owner": "负责人", "territory": "区域编码", "day": "生效日期", "reason": "备注"},
    ),
    (
        "assignments",
        "who covered whom, in English",
        "Account;Account Owner;Territory;Effective From\nD1;E1;T1;01.01.2025\nD2;E1;T1;01.02.2025\n",
        {"distributor": "Account", "owner": "Account Owner", "territory": "Territory", "day": "Effective From"},
    ),
    (
        "contacts",
        "people at customers, in Chinese",
        "客户编码,联系人,职务,部门,层级,决策角色,态度,上级\nD1,林海,总经理,综合管理,老板,决策者,支持,\n"
        "D1,芮敏,采购经理,采购部,中层,影响者,中立,林海\n",
        {
            "distributor": "客户编码",
            "name": "联系人",
            "title": "职务",
            "function": "部门",
            "level": "层级",
            "decision_role": "决策角色",
            "stance": "态度",
            "reports_to": "上级",
        },
    ),
    (
        "contacts",
        "contacts of an English system",
        "Account Number;First Name;Last Name;Job Title;Department;Seniority;Reports To\n"
        "D1;Ann;Low;Owner;General management;Owner;\nD1;Bo;Ray;Buyer;Purchasing;Operational;Ann Low\n",
        {
            "distributor": "Account Number",
            "name": "{First Name} {Last Name}",
            "title": "Job Title",
            "function": "Department",
            "level": "Seniority",
            "reports_to": "Reports To",
        },
    ),
    (
        "contracts",
        "contracts of a Chinese list",
        "合同编号,客户编码,合同类型,签订日期,生效日期,到期日期,区域编码,是否独家,年度任务,账期\n"
        "HT-1,D1,特约经销合同,2024-12-01,2025-01-01,2025-12-31,T1,是,1200000,30\n"
        "HT-2,D2,普通经销合同,,2025-01-01,,,否,,\n",
        {
            "number": "合同编号",
            "distributor": "客户编码",
            "kind": "合同类型",
            "signed_on": "签订日期",
            "valid_from": "生效日期",
            "valid_to": "到期日期",
            "coverage": "区域编码",
            "exclusive": "是否独家",
            "yearly_target": "年度任务",
            "credit_days": "账期",
        },
    ),
    (
        "products",
        "materials of SAP",
        "Material;Material Description;Material Group;Base UoM;Standard Price\nM-1;Pump 5;PUMPS;PC;1.234,50\n"
        "M-2;Valve;VALVES;PC;12,00\n",
        {
            "sku": "Material",
            "name": "Material Description",
            "line": "Material Group",
            "base_unit": "Base UoM",
            "cost": "Standard Price",
        },
    ),
    (
        "products",
        "goods of a Chinese system",
        '存货编码,存货名称,存货分类,计量单位,单价,成本\nS1,水泵,泵类,台,"1,200.00",800\nS2,阀门,阀类,个,35.50,20\n',
        {
            "sku": "存货编码",
            "name": "存货名称",
            "line": "存货分类",
            "base_unit": "计量单位",
            "list_price": "单价",
            "cost": "成本",
        },
    ),
    (
        "rates",
        "rates by hand",
        "币种,日期,汇率\n美元,2025-03-01,7.12\n欧元,2025-03-01,7.71\n",
        {"currency": "币种", "day": "日期", "rate": "汇率"},
    ),
    (
        "rates",
        "an export of rates",
        "From Currency;Eff. Date;Exchange Rate\nUSD;31.01.2025;7,12\nEUR;31.01.2025;7,71\n",
        {"currency": "From Currency", "day": "Eff. Date", "rate": "Exchange Rate"},
    ),
    (
        "sales",
        "a German list of invoices",
        "Belegnummer;Pos.;Kundennr.;Artikel;Belegdatum;Menge;Einheit;Nettobetrag;Steuerbetrag;Währung\n"
        "R1;1;D1;P1;31.01.2025;2;box;1.234,50;197,52;EUR\nR1;2;D2;P1;31.01.2025;1;box;200,00;32,00;EUR\n",
        {
            "external_id": "{Belegnummer}-{Pos.}",
            "distributor": "Kundennr.",
            "product": "Artikel",
            "day": "Belegdatum",
            "quantity": "Menge",
            "amount": "Nettobetrag",
            "tax": "Steuerbetrag",
            "currency": "Währung",
        },
    ),
    (
        "sales",
        "billing items of SAP",
        "Billing Document;Item;Sold-to party;Material;Billing Date;Billed Quantity;UoM;Net value;Tax amount;"
        "Doc. Currency\n"
        "90001;10;D1;P1;31.01.2025;1.200,000;box;12.345,60;1.604,93;CNY\n"
        "90001;20;D2;P2;28.02.2025;2,000;;200,00-;26,00-;CNY\n",
        {
            "external_id": "{Billing Document}-{Item}",
            "distributor": "Sold-to party",
            "product": "Material",
            "day": "Billing Date",
            "quantity": "Billed Quantity",
            "unit": "UoM",
            "amount": "Net value",
            "tax": "Tax amount",
            "currency": "Doc. Currency",
            "order_number": "Billing Document",
        },
    ),
    (
        "sales",
        "lines of NetSuite",
        "Document Number,Line No,Customer,Item,Date,Qty,Units,Amt (USD),Sales Rep\n"
        'INV1,1,D1,P1,1/31/2025,2,,"$1,234.00",E1\nINV1,2,D2,P2,2/28/2025,1,,"($10.50)",E1\n',
        {
            "external_id": "{Document Number}-{Line No}",
            "distributor": "Customer",
            "product": "Item",
            "day": "Date",
            "quantity": "Qty",
            "amount": "Amt (USD)",
            "salesperson": "Sales Rep",
            "order_number": "Document Number",
        },
    ),
    (
        "sales",
        "lines of Odoo",
        "Order Reference,Order Lines/ID,Customer,Product,Order Date,Quantity,Untaxed Amount,Total\n"
        "S1,L1,D1,P1,2025-01-31 10:30:00,2,100.00,113.00\nS1,L2,D2,P2,2025-02-28 11:00:00,1,50.00,56.50\n",
        {
            "distributor": "Customer",
            "product": "Product",
            "day": "Order Date",
            "quantity": "Quantity",
            "amount": "Untaxed Amount",
            "order_number": "Order Reference",
        },
    ),
    (
        "sales",
        "a Chinese ledger with and without tax",
        "单据号,行号,单据日期,客户编码,客户名称,存货编码,数量,单价,不含税金额,税额,含税金额,成本,业务员\n"
        "X1,1,20250131,D1,甲,P1,2,50,￥100.00,13.00,113.00,80,E1\n"
        "X1,2,20250228,D2,乙,P2,1,50,￥50.00,6.50,56.50,40,E1\n",
        {
            "external_id": "{单据号}-{行号}",
            "day": "单据日期",
            "distributor": "客户编码",
            "product": "存货编码",
            "quantity": "数量",
            "amount": "不含税金额",
            "tax": "税额",
            "cost": "成本",
            "salesperson": "业务员",
            "order_number": "单据号",
        },
    ),
    (
        "orders",
        "open orders of a Chinese system",
        '订单编号,客户代码,下单日期,未开票金额,币种,订单状态\nO1,D1,2025/1/31,"1,000.00",人民币,执行中\n'
        "O2,D2,2025/2/28,0,人民币,已关闭\n",
        {
            "external_id": "订单编号",
            "distributor": "客户代码",
            "day": "下单日期",
            "open_amount": "未开票金额",
            "currency": "币种",
            "state": "订单状态",
        },
    ),
    (
        "orders",
        "a backlog in English",
        "Sales Order;Ship-to;Sold-to;Doc. Date;Open Value;Curr.;Overall Status\n"
        "O1;X;D1;31.01.2025;1.000,00;CNY;Open\nO2;X;D2;28.02.2025;20,00;CNY;Completed\n",
        {
            "external_id": "Sales Order",
            "distributor": "Sold-to",
            "day": "Doc. Date",
            "open_amount": "Open Value",
            "currency": "Curr.",
            "state": "Overall Status",
        },
    ),
    (
        "invoices",
        "invoices and a credit note",
        'Invoice #,Cust No,Doc. Date,Due Dt,Amt (EUR),Doc Type\nR1,D1,01/31/2025,02/28/2025,"1,130.00",Invoice\n'
        'G1,D1,02/15/2025,02/28/2025,"(113.00)",Credit Memo\n',
        {
            "external_id": "Invoice #",
            "distributor": "Cust No",
            "day": "Doc. Date",
            "due_on": "Due Dt",
            "amount": "Amt (EUR)",
            "kind": "Doc Type",
        },
    ),
    (
        "invoices",
        "Chinese invoices",
        "发票号码,客户编码,开票日期,到期日,不含税金额,税额,价税合计,币种,是否作废\n"
        "F1,D1,2025年1月31日,2025年3月1日,100,13,113,CNY,正常\n"
        "F2,D2,2025年2月28日,2025年4月1日,200,26,226,CNY,作废\n",
        {
            "external_id": "发票号码",
            "distributor": "客户编码",
            "day": "开票日期",
            "due_on": "到期日",
            "amount": "价税合计",
            "currency": "币种",
            "cancelled": "是否作废",
        },
    ),
    (
        "payments",
        "money that came in, in Chinese",
        '收款单号,客户编码,收款日期,收款金额,币别,结算方式,核销发票\nZ1,D1,45688,"1,130.00",人民币,电汇,\n'
        "Z2,D2,45716,226.00,人民币,现金,\n",
        {
            "external_id": "收款单号",
            "distributor": "客户编码",
            "day": "收款日期",
            "amount": "收款金额",
            "currency": "币别",
            "method": "结算方式",
        },
    ),
    (
        "payments",
        "receipts of a bank list",
        "Receipt No;Customer Code;Value Date;Amount Received;Ccy;Payment Method\n"
        "Z1;D1;31.01.25;1.130,00 CNY;CNY;Wire Transfer\nZ2;D2;28.02.25;226,00 CNY;CNY;Cash\n",
        {
            "external_id": "Receipt No",
            "distributor": "Customer Code",
            "day": "Value Date",
            "amount": "Amount Received",
            "currency": "Ccy",
            "method": "Payment Method",
        },
    ),
    (
        "stock",
        "what is on hand",
        "Dealer,Part Number,As Of,Qty On Hand,UoM,Stock Value\nD1,P1,2025-01-31,12,,100.00\n"
        "D2,P2,2025-01-31,3,,50.00\n",
        {
            "distributor": "Dealer",
            "product": "Part Number",
            "day": "As Of",
            "quantity": "Qty On Hand",
            "value": "Stock Value",
        },
    ),
    (
        "stock",
        "Chinese stock",
        "经销商,物料编码,盘点日期,库存,库存金额\nD1,P1,2025.01.31,12,100\nD2,P2,2025.01.31,3,50\n",
        {"distributor": "经销商", "product": "物料编码", "day": "盘点日期", "quantity": "库存", "value": "库存金额"},
    ),
    (
        "targets",
        "targets by month, in ten thousands",
        "客户编码,月份,目标(万元)\nD1,2025年1月,12.5\nD2,2025年1月,3\n",
        {"distributor": "客户编码", "day": "月份", "value": "目标(万元)"},
    ),
    (
        "targets",
        "a quota of salespeople",
        "Sales Rep;Year;Month;Sales Target\nE1;2025;1;1.000,00\nE1;2025;2;2.000,00\n",
        {"person": "Sales Rep", "day": "{Year}-{Month}-01", "value": "Sales Target"},
    ),
    (
        "occurrences",
        "complaints",
        "Ticket Number;Customer;Event Type;Reported On\nC1;D1;Complaint;31.01.2025\n"
        "C2;D2;Complaint closed;28.02.2025\n",
        {"external_id": "Ticket Number", "distributor": "Customer", "kind": "Event Type", "day": "Reported On"},
    ),
    (
        "occurrences",
        "complaints in Chinese",
        "投诉单号,经销商编码,事件类型,投诉日期\nC1,D1,客户投诉,2025-01-31\nC2,D2,投诉关闭,2025-02-28\n",
        {"external_id": "投诉单号", "distributor": "经销商编码", "kind": "事件类型", "day": "投诉日期"},
    ),
    (
        "outlets",
        "a Chinese list of shops",
        "客户编码,门店名称,类型,地址,城市,营业面积,开业日期\nD1,城北店,门店,北街1号,上海,120,2021/5/1\nD1,城南店,专柜,南街2号,上海,80,2022/6/1\n",
        {"distributor": "客户编码", "name": "门店名称", "kind": "类型", "size_m2": "营业面积", "opened_on": "开业日期"},
    ),
    (
        "figures",
        "a yearly survey",
        "Customer;As of;Turnover;Currency;Employees;Sales staff;Warehouse area\n"
        "D1;31.12.2024;8.000.000,00;CNY;30;12;900\nD1;31.12.2023;7.500.000,00;CNY;28;11;900\n",
        {"distributor": "Customer", "as_of": "As of", "turnover": "Turnover", "staff": "Employees"},
    ),
    (
        "cooperation",
        "terms of two customers",
        "客户编码,结算方式,账期,发票类型,收货时间\nD1,转账,45,专票,周一至周五\nD2,款到发货,0,普票,周三\n",
        {
            "distributor": "客户编码",
            "settlement_method": "结算方式",
            "settlement_days": "账期",
            "invoice_kind": "发票类型",
        },
    ),
    (
        "accounts",
        "balance sheets of two customers",
        "客户编码,会计年度,币种,实收资本,净资产,负债合计,流动资产合计,流动负债合计,营业利润率\n"
        "D1,2023,CNY,2000000,3100000,2400000,4200000,2300000,4.5\nD2,2023,CNY,500000,400000,900000,800000,700000,1.2\n",
        {
            "distributor": "客户编码",
            "year": "会计年度",
            "equity": "净资产",
            "liabilities": "负债合计",
            "current_assets": "流动资产合计",
            "current_liabilities": "流动负债合计",
            "operating_margin": "营业利润率",
        },
    ),
    (
        "securities",
        "a register of the cashier",
        "担保编号,客户编码,担保方式,担保金额,币种,起始日,到期日\n"
        "B1,D1,现金保证金,50000,CNY,2025-01-01,\nB2,D2,银行保函,300000,CNY,2025-02-01,2026-01-31\n",
        {"reference": "担保编号", "distributor": "客户编码", "kind": "担保方式", "amount": "担保金额"},
    ),
)
TODAY = date(2025, 4, 1)
