"""The words of plans of action in four languages; corrective actions are told in the past tense."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "heading_summary": "Summary",
        "heading_root_cause": "Root cause",
        "heading_corrective": "Corrective actions we have taken",
        "heading_preventive": "How we prevent it from happening again",
        "summary": "On {day} we received a notice about {store}: {kind} (“{title}”{reference}).",
        "reference": ", case {reference}",
        "figure": "{name} was {value} from {first} to {last}.",
        "figure_limit": "{name} was {value} from {first} to {last}; the limit is {limit}.",
        "cause_likely": "We found the following cause: {cause}.",
        "cause_possible": "Our records also point to a possible cause: {cause}.",
        "observed": " We observed: {seen}.",
        "list_separator": "; ",
        "action_done": "On {day} we completed: “{title}” (responsible: {owner}).",
        "action_planned": "By {day} we will complete: “{title}” (responsible: {owner}).",
        "watched": "We hold {name} against the limit {limit} every day.",
        "gap_summary": "[TO BE WRITTEN: what the notice is about]",
        "gap_root_cause": "[TO BE WRITTEN: the root cause; our records do not show it]",
        "gap_corrective": "[TO BE WRITTEN: what was done; no completed action is on record]",
        "gap_preventive": "[TO BE WRITTEN: what will be changed for good; no further action is on record]",
    },
    "zh-hans": {
        "heading_summary": "情况说明",
        "heading_root_cause": "根本原因",
        "heading_corrective": "已采取的纠正措施",
        "heading_preventive": "预防措施",
        "summary": "我们于{day}收到关于{store}的通知：{kind}（“{title}”{reference}）。",
        "reference": "，案件编号 {reference}",
        "figure": "{first}至{last}，{name}为{value}。",
        "figure_limit": "{first}至{last}，{name}为{value}；平台要求为{limit}。",
        "cause_likely": "我们查明的原因是：{cause}。",
        "cause_possible": "我们的记录还显示一个可能的原因：{cause}。",
        "observed": "我们观察到：{seen}。",
        "list_separator": "；",
        "action_done": "我们已于{day}完成：“{title}”（负责人：{owner}）。",
        "action_planned": "我们将于{day}前完成：“{title}”（负责人：{owner}）。",
        "watched": "我们每天对照平台要求{limit}检查{name}。",
        "gap_summary": "【待填写：通知的内容】",
        "gap_root_cause": "【待填写：根本原因；我们的记录未能显示】",
        "gap_corrective": "【待填写：已采取的措施；没有已完成措施的记录】",
        "gap_preventive": "【待填写：长期改进措施；没有其他措施的记录】",
    },
    "ja": {
        "heading_summary": "概要",
        "heading_root_cause": "根本原因",
        "heading_corrective": "実施済みの是正措置",
        "heading_preventive": "再発防止策",
        "summary": "{day}に{store}について通知を受領しました：{kind}（「{title}」{reference}）。",
        "reference": "、ケース番号 {reference}",
        "figure": "{first}から{last}までの{name}は{value}でした。",
        "figure_limit": "{first}から{last}までの{name}は{value}でした。基準は{limit}です。",
        "cause_likely": "判明した原因は次のとおりです：{cause}。",
        "cause_possible": "当社の記録では、次の原因も考えられます：{cause}。",
        "observed": "確認した事実：{seen}。",
        "list_separator": "、",
        "action_done": "{day}に「{title}」を完了しました（担当：{owner}）。",
        "action_planned": "{day}までに「{title}」を完了します（担当：{owner}）。",
        "watched": "{name}を毎日、基準{limit}と照合しています。",
        "gap_summary": "【要記入：通知の内容】",
        "gap_root_cause": "【要記入：根本原因。当社の記録からは確認できません】",
        "gap_corrective": "【要記入：実施した措置。完了した措置の記録がありません】",
        "gap_preventive": "【要記入：恒久的な改善策。ほかの措置の記録がありません】",
    },
    "es": {
        "heading_summary": "Resumen",
        "heading_root_cause": "Causa raíz",
        "heading_corrective": "Medidas correctivas que tomamos",
        "heading_preventive": "Cómo evitamos que se repita",
        "summary": "El {day} recibimos un aviso sobre {store}: {kind} («{title}»{reference}).",
        "reference": ", caso {reference}",
        "figure": "{name} fue {value} del {first} al {last}.",
        "figure_limit": "{name} fue {value} del {first} al {last}; el límite es {limit}.",
        "cause_likely": "Encontramos la siguiente causa: {cause}.",
        "cause_possible": "Nuestros registros señalan además una causa posible: {cause}.",
        "observed": " Observamos: {seen}.",
        "list_separator": "; ",
        "action_done": "El {day} completamos: «{title}» (responsable: {owner}).",
        "action_planned": "Antes del {day} completaremos: «{title}» (responsable: {owner}).",
        "watched": "Comparamos {name} cada día con el límite {limit}.",
        "gap_summary": "[POR ESCRIBIR: de qué trata el aviso]",
        "gap_root_cause": "[POR ESCRIBIR: la causa raíz; nuestros registros no la muestran]",
        "gap_corrective": "[POR ESCRIBIR: qué se hizo; no consta ninguna medida completada]",
        "gap_preventive": "[POR ESCRIBIR: qué se cambiará de forma permanente; no consta otra medida]",
    },
}

KINDS: Mapping[str, Mapping[str, str]] = {
    language: dict(
        zip(
            (
                *("suspension", "account_at_risk", "funds_held", "document_request", "authenticity"),
                *("intellectual_property", "product_safety", "restricted_product", "review_manipulation"),
                *("order_defects", "late_shipment", "cancellations", "tracking", "listing_removed"),
                *("policy_violation", "other"),
            ),
            words.split("|"),
            strict=True,
        )
    )
    for language, words in {
        "en": "account suspended|account at risk|funds held|documents requested|authenticity of products"
        "|intellectual property|product safety|restricted product|manipulation of reviews|order defects"
        "|late shipments|cancellations|tracking and on-time delivery|listing removed|policy violation|notice",
        "zh-hans": "账户被停用|账户存在停用风险|资金被扣留|要求提供文件"
        "|商品真实性|知识产权|商品安全|受限商品|操纵评论"
        "|订单缺陷|延迟发货|订单取消|追踪与准时送达|商品被下架|违反政策|通知",
        "ja": "アカウント停止|アカウント停止のおそれ|売上金の留保|書類の提出依頼"
        "|商品の真贋|知的財産権|商品の安全性|制限対象商品"
        "|レビューの操作|注文不良|出荷遅延|キャンセル|追跡と期日内配送|出品の削除|規約違反|お知らせ",
        "es": "cuenta suspendida|cuenta en riesgo|fondos retenidos|solicitud de documentos"
        "|autenticidad de los productos|propiedad intelectual|seguridad de los productos|producto restringido"
        "|manipulación de opiniones|defectos de pedidos|envíos tardíos|cancelaciones"
        "|seguimiento y puntualidad|publicación retirada|infracción de políticas|aviso",
    }.items()
}

CAUSES: Mapping[str, Mapping[str, str]] = {
    language: dict(
        zip(
            (
                *(
                    "ads",
                    "rank",
                    "price_gap",
                    "competitor",
                    "stock_out",
                    "listing_edit",
                    "logistics",
                    "season",
                ),
                *("fee_change", "unit_cost", "exchange_rate", "refunds"),
            ),
            words.split("|"),
            strict=True,
        )
    )
    for language, words in {
        "en": "change of advertising|change of rank|price gap|a competitor|stock ran out|listing was edited"
        "|delays in logistics|season|change of fees|change of unit costs|exchange rate|refunds and returns",
        "zh-hans": "广告变动|排名变动|价差|竞争对手|断货|商品页面被修改"
        "|物流延误|季节因素|费用变动|单位成本变动|汇率|退款与退货",
        "ja": "広告の変更|順位の変動|価格差|競合|在庫切れ|商品ページの変更"
        "|物流の遅延|季節要因|手数料の変更|原価の変動|為替|返金・返品",
        "es": "cambio de publicidad|cambio de posición"
        "|diferencia de precio|un competidor|falta de existencias"
        "|cambio de la publicación|retrasos logísticos|temporada|cambio de tarifas|cambio de costes unitarios"
        "|tipo de cambio|reembolsos y devoluciones",
    }.items()
}
