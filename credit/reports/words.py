"""What reports say, in both languages, beside the words of the domain and those of the rules."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, Literal, Protocol

Language = Literal["zh", "en"]


class Words(Protocol):
    """The words of the domain in the reader's language (a kind of alert, where it stands …)."""

    def __call__(self, value: StrEnum, /) -> str:
        """Return the words for a value."""


#: Chinese, English.
TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "title_vendor": ("经营主体信用报告", "Credit report of a vendor"),
    "title_market": ("市场信用报告", "Credit report of a market"),
    "title_city": ("全市信用报告", "Credit report of the city"),
    "the_city": ("全市", "The city"),
    "variant_public": ("公开版：仅含已生效决定", "Public: final decisions only"),
    "variant_inner": ("内部版：未生效事项已标明，不得公开", "Inner: what is pending is marked. Not for the public"),
    "about": ("主体", "Whom it is about"),
    "name": ("名称", "Name"),
    "vendor_id": ("商户编号", "Vendor number"),
    "market": ("市场", "Market"),
    "stalls": ("摊位", "Stalls"),
    "credit_code": ("统一社会信用代码", "Unified social credit code"),
    "business_kind": ("主体类型", "Kind of business"),
    "licence_no": ("执照编号", "Licence number"),
    "legal_representative": ("负责人", "Legal representative"),
    "licence_from": ("执照有效期自", "Licence from"),
    "licence_until": ("执照有效期至", "Licence until"),
    "period": ("报告期间", "Period"),
    "compared_with": ("对比期间", "Compared with"),
    "known_at": ("数据截至", "As known at"),
    "rules_version": ("计分规则版本", "Version of the rules"),
    "in_force_from": ("自{day}起施行", "in force from {day}"),
    "from_to": ("{first} 至 {last}", "{first} to {last}"),
    "score": ("信用分", "Score"),
    "score_withheld": (
        "按规则，该商户的等级不对外公开，故本公开版不含信用分和加减分明细。",
        (
            "The rules do not tell this vendor's tier in public: this public form has neither its score nor the lines"
            " behind it."
        ),
    ),
    "vendors_withheld": (
        "另有 {count} 户的等级按规则不对外公开，只计数，不列名。",
        "{count} more in tiers that the rules do not tell in public: counted, and not named.",
    ),
    "not_told": ("不对外公开", "not told in public"),
    "score_and_tier": ("信用分与等级", "Score and tier"),
    "tier": ("等级", "Tier"),
    "score_at": ("{day} 的信用分", "Score on {day}"),
    "score_final": ("仅按已生效决定计算", "By final decisions alone"),
    "score_before": ("对比期末的信用分", "Score at the end of the period before"),
    "working": ("计算过程", "Working"),
    "held_back": ("超出周期上限未计入的加分", "Merits beyond the limit of a cycle, not added"),
    "vetoes": ("一票否决事项", "Veto items"),
    "cycle": ("计分周期", "Cycle"),
    "median_of_market": ("本市场中位分", "Median of the market"),
    "of_vendors": ("{score}（{vendors} 户）", "{score} (of {vendors} vendors)"),
    "tiers": ("等级分布", "Vendors by tier"),
    "tier_from": ("分数下限", "From points"),
    "vendors": ("商户", "Vendors"),
    "vendors_now": ("户数", "Vendors"),
    "vendors_before": ("对比期末户数", "At the end of the period before"),
    "median_before": ("对比期末的中位分", "Median at the end of the period before"),
    "median": ("中位分", "Median score"),
    "figures": ("本期与对比期", "This period and the one before"),
    "figure": ("项目", "Figure"),
    "this_period": ("本期", "This period"),
    "period_before": ("对比期", "Period before"),
    "change": ("变化", "Change"),
    "confirmed": ("已认定预警", "Breaches confirmed"),
    "pending_of_them": ("其中未生效", "of them not final"),
    "awaiting": ("待认定预警", "Alerts not decided"),
    "cleared": ("排除或撤销的预警", "Alerts cleared"),
    "overcharge": ("多收金额（元）", "Overcharged (yuan)"),
    "pending_yuan": ("其中未生效（元）", "of it not final (yuan)"),
    "penalties_count": ("行政处罚", "Penalties"),
    "lines": ("每一分的来源", "Behind every point"),
    "no_lines": ("本周期和本期内没有加减分。", "Nothing has moved the score in this cycle or period."),
    "event": ("编号", "No."),
    "day": ("发生日期", "Day"),
    "what_for": ("事由", "What for"),
    "points": ("分值", "Points"),
    "counting": ("是否计入", "Counted"),
    "finality": ("是否生效", "Final"),
    "rule": ("规则", "Rule"),
    "evidence": ("依据", "Evidence"),
    "alert_no": ("预警 {alert}", "alert {alert}"),
    "promise_no": ("承诺 {promise}", "promise {promise}"),
    "undoes_no": ("撤销第 {event} 条", "undoes {event}"),
    "repairs_no": ("修复第 {event} 条", "repairs {event}"),
    "times": ("×{factor}", "×{factor}"),
    "veto": ("一票否决", "veto"),
    "standing_counts": ("计入", "counts"),
    "standing_worse_counts": ("不计：同日同类只计最重的", "not counted: the worst of its kind and day is"),
    "standing_undone": ("不计：已撤销", "not counted: undone"),
    "standing_undoes": ("撤销，不另加分", "undoes another, adds nothing"),
    "standing_other_cycle": ("不计：属其他周期", "not counted: of another cycle"),
    "finality_final": ("已生效", "final"),
    "finality_open": ("申诉期内", "may be appealed"),
    "finality_appealed": ("申诉中", "under appeal"),
    "alerts": ("预警（按类型和结果）", "Alerts by kind and outcome"),
    "no_alerts": ("本期没有预警。", "There was no alert in the period."),
    "no_alerts_public": ("本期没有已生效的认定。", "No breach of the period is final."),
    "kind": ("类型", "Kind"),
    "outcome": ("结果", "Outcome"),
    "count": ("件数", "Alerts"),
    "occurrences": ("涉及称重", "Weighings"),
    "promises": ("以承诺代替扣分", "Promises instead of deductions"),
    "no_promises": ("没有承诺。", "There is no promise."),
    "promise": ("承诺", "Promise"),
    "state": ("状态", "State"),
    "made_on": ("作出日期", "Made on"),
    "until": ("期限至", "Until"),
    "waived_points": ("代替的扣分", "Points waived"),
    "penalties": ("行政处罚", "Penalties"),
    "no_penalties": ("本期没有行政处罚。", "No penalty was decided in the period."),
    "no_penalties_public": ("本期没有公示中的行政处罚。", "No penalty of the period is published."),
    "document_no": ("文书号", "Document"),
    "authority": ("决定机关", "Authority"),
    "decided_on": ("决定日期", "Decided on"),
    "decision": ("决定内容", "Decision"),
    "basis": ("依据", "Basis"),
    "amount": ("金额（元）", "Amount (yuan)"),
    "penalty_published": ("公示中", "published"),
    "penalty_taken_off": ("已撤下公示", "taken off the list"),
    "penalty_revoked": ("已撤销", "revoked"),
    "penalty_not_published": ("未公示，可能尚未生效", "not published, perhaps not final"),
    "appeals": ("申诉中的事项", "Appeals pending"),
    "no_appeals": ("没有待答复的申诉。", "No appeal is pending."),
    "alert": ("预警", "Alert"),
    "at_stake": ("涉及分值", "Points at stake"),
    "markets": ("各市场", "Markets"),
    "vendors_list": ("各商户（由低分到高分）", "Vendors, the lowest score first"),
    "no_vendors": ("没有登记的商户。", "No vendor is registered."),
    "vendor": ("商户", "Vendor"),
    "before": ("对比期末", "Before"),
    "vendor_alerts": ("各商户的预警（按类型和结果）", "Alerts of each vendor by kind and outcome"),
    "method": ("方法", "Method"),
    "method_score": (
        (
            "信用分由基础分 {base} 加减当期（{cycle}）内计入的各条得出，最低 {floor}，最高 {ceiling}；"
            "同类同日只计最重的。每条所扣分值按发生时有效的规则，写在该条中。"
        ),
        (
            "The score is the base of {base} with the points of the lines that count in the running cycle"
            " ({cycle}), never below {floor} or above {ceiling}. Of one kind and day only the worst counts. What"
            " each line took was said by the rules of its time and stands in it."
        ),
    ),
    "method_lead": (
        "预警是线索，不是处罚；只有经人认定的才扣分，撤销的退还。罚款金额只照录处罚文书，本系统不计算罚款。",
        (
            "An alert is a lead, no penalty. Only what a person confirmed moves a score, and what is overturned"
            " gives it back. Amounts of penalties are those of their documents; nothing of them is computed here."
        ),
    ),
    "method_final": (
        "决定作出后 {days} 个工作日内可申诉。申诉期满无人申诉，或申诉后维持的，为已生效。",
        (
            "A decision may be appealed for {days} working days. It is final when they are over without an"
            " appeal, or when an appeal was answered by upholding it."
        ),
    ),
    "method_public": (
        "公开版只含已生效决定：申诉期内、申诉中、待认定和已撤销的事项不在其中，也不影响其中任何数字。",
        (
            "This public form holds final decisions only. What may be appealed, is under appeal, awaits its"
            " decision or was undone is not in it and moves no figure of it."
        ),
    ),
    "method_inner": (
        "内部版含未生效事项并逐条标明；个人信息已隐去，完整信息见一户一档。",
        (
            "This inner form holds pending matters and marks each. Personal data is masked; in full it stands in"
            " the register's file."
        ),
    ),
    "method_reference": (
        "计分规则为参考样式，不是已公布的规范性文件。",
        "The rules are a reference example (参考样式), not a published text.",
    ),
    "cycle_month": ("月", "month"),
    "cycle_quarter": ("季", "quarter"),
    "cycle_year": ("年", "year"),
    "limits": ("局限：未知的事项", "Limits: what is not known"),
    "days": ("天数", "Days"),
    "days_told": ("可查天数", "Days that can be told of"),
    "days_without_weighings": ("无称重数据天数", "Days without a weighing"),
    "days_without_list": ("无限价目录天数", "Days without a cap list"),
    "scales": ("在用秤", "Scales in use"),
    "scales_unverified": ("未检定或检定过期", "without a verification in force"),
    "vendor_days": ("本户有称重的天数", "Days on which this vendor weighed"),
    "vendor_scales": ("本户在用秤", "This vendor's scales"),
    "limits_days": (
        "没有称重数据的日子可能是休市，也可能是断网或未用秤，无法区分；没有限价目录的日子不判断是否超价。",
        (
            "A day without weighings may be one on which nobody traded, without a network, or on which scales"
            " were not used: which cannot be told. On days without a list nothing is judged to be above a cap."
        ),
    ),
    "limits_kept": (
        "称重数据按保存期限清除，更早的日子无法查明。",
        "Weighings are kept for a term; of the days before it nothing can be told.",
    ),
    "limits_scales": (
        "检定过期或未登记检定的秤，其称重可能不准。",
        "What a scale without a verification in force weighed may be wrong.",
    ),
    "verification": ("核验", "Verification"),
    "code": ("核验码", "Code"),
    "digest": ("内容摘要（SHA-256）", "Digest of the content (SHA-256)"),
    "address": ("核验地址", "Address"),
    "verify_how": (
        (
            "扫描二维码或打开核验地址，可查本报告是否由本系统签发、签发后有无变化，并可比对文件。"
            "JSON 文件的 SHA-256 即内容摘要。"
        ),
        (
            "The QR code opens a page that says whether this report was issued and whether anything has changed"
            " since, and compares files with it. The SHA-256 of the JSON file is the digest of the content."
        ),
    ),
    "page_of": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "more_rows": (
        "此处列出 {shown} 行，共 {all} 行；其余见 XLSX、CSV 和 JSON。",
        "Shown are {shown} of {all} rows; all of them are in the XLSX, CSV and JSON.",
    ),
    "value": ("内容", "Value"),
    "none": ("—", "—"),
}


def said(language: Language, key: str, **facts: object) -> str:
    """Return a text in a language, with its facts."""
    text = TEXTS[key][0 if language == "zh" else 1]
    return text.format(**facts) if facts else text
