"""How strangers call the fields of people at distributors, and what they write in them."""

from django.utils.translation import gettext_noop as _

from distributors.ledger.kinds.naming import DISTRIBUTOR, Words

CONTACT_WORDS: dict[str, dict[str, Words]] = {
    "contacts": {
        "distributor": DISTRIBUTOR,
        "name": Words(
            "林海",
            "contact name|contact|full name|name|person|contact person|联系人|联系人姓名|姓名|名称",
            joined=(
                "{first} {last}",
                {"first": "first name|given name|forename|名", "last": "last name|surname|family name|姓"},
            ),
            avoid="account|customer|company|distributor|manager|reports|客户|公司|经销商|上级|主管",
        ),
        "level": Words(
            "owner",
            "management level|level|seniority|hierarchy level|rank|管理层级|层级|级别|职级",
            _("Owner, senior management, middle management or operational."),
            avoid="customer|客户|class",
        ),
        "title": Words("总经理", "job title|title|position|职务|职位|岗位|头衔"),
        "function": Words(
            "purchasing", "function|department|area of work|职能|部门|工作职能|所在部门", avoid="code|编码"
        ),
        "decision_role": Words(
            "decider",
            "decision role|buying role|role|role in decision|决策角色|角色|决策作用|采购角色",
        ),
        "stance": Words("supporter", "stance|attitude|position to us|sentiment|立场|态度|对我方态度|支持度"),
        "disc": Words("D", "disc type|disc|personality|personality type|DISC类型|性格类型|性格"),
        "relationship": Words(
            "4",
            "relationship|relationship strength|closeness|关系|关系程度|关系等级|亲密度",
            _("1 hardly known to 5 close."),
        ),
        "since": Words(
            "2019-05-01",
            "works with us since|since|contact since|known since|开始合作日期|认识日期|对接日期|起始日期",
            avoid="birth|生日|left|离职",
        ),
        "reports_to": Words(
            "",
            "reports to|manager|supervisor|boss|line manager|superior|上级|直接上级|汇报对象|汇报给|主管",
            _("The name of somebody at the same distributor, or the number of a person there."),
        ),
    },
}
CONTACT_VALUES: dict[str, str] = {
    "level.owner": "owner|proprietor|founder|shareholder|partner|老板|业主|所有人|股东|创始人|老板/股东",
    "level.senior": "senior management|senior|director|executive|c-level|top management|高层|高层管理|高管|高级管理",
    "level.middle": "middle management|middle|manager|mid-level|中层|中层管理|经理|中级管理",
    "level.operational": "operational|staff|employee|operative|junior|基层|操作层|员工|普通员工|执行层",
    "function.general": "general management|management|general|综合管理|总经办|管理",
    "function.purchasing": "purchasing|procurement|buying|采购|采购部",
    "function.sales": "sales|销售|销售部|业务部",
    "function.marketing": "marketing|市场|市场部|营销",
    "function.finance": "finance|accounting|accounts|财务|财务部|会计",
    "function.logistics": "warehouse and logistics|logistics|warehouse|仓储物流|物流|仓库|仓储",
    "function.service": "service|after-sales|售后|服务|售后服务|客服",
    "function.office": "office and personnel|office|hr|administration|行政人事|行政|人事|办公室",
    "function.other": "other|其他",
    "decision_role.decider": "decider|decision maker|决策者|决策人|拍板人",
    "decision_role.influencer": "influencer|影响者|影响人",
    "decision_role.gatekeeper": "gatekeeper|把关者|守门人|把关人",
    "decision_role.user": "user|end user|使用者|使用人",
    "decision_role.coach": "coach|champion|教练|内线|引导者",
    "stance.supporter": "supporter|supports|positive|friendly|支持者|支持|正面",
    "stance.neutral": "neutral|indifferent|中立|中立者",
    "stance.opponent": "opponent|against|negative|hostile|反对者|反对|负面",
    "disc.D": "d|dominance|dominant|支配|支配型|D型",
    "disc.I": "i|influence|influencing|影响|影响型|I型",
    "disc.S": "s|steadiness|steady|稳健|稳健型|S型",
    "disc.C": "c|conscientiousness|compliance|谨慎|谨慎型|C型",
}
