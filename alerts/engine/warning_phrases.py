"""The phrases by which platforms' warnings are recognised, and the domains from which platforms write.

Sources are the platforms' own notices as sellers quote them; a phrase that is missing costs a person a look,
never a warning, because whatever is not recognised is opened as "other" and says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from alerts.engine.health import WarningKind as Kind

Rule = tuple[Kind, re.Pattern[str]]


def _rule(kind: Kind, *phrases: str) -> Rule:
    return kind, re.compile("|".join(phrases), re.IGNORECASE)


SENDERS: Mapping[str, tuple[str, ...]] = {
    "amazon_sp": ("amazon.com", "amazon.co.jp", "amazon.com.mx", "amazon.cn"),
    "walmart": ("walmart.com",),
    "ebay": ("ebay.com", "ebay.co.jp"),
    "mercado_libre": ("mercadolibre.com", "mercadolibre.com.mx", "mercadolivre.com"),
    "rakuten": ("rakuten.co.jp", "rakuten.com"),
    "yahoo_shopping": ("mail.yahoo.co.jp", "yahoo-corp.jp", "lycorp.co.jp"),
    "tiktok_shop": ("tiktok.com", "tiktokglobalshop.com"),
    "shopify": ("shopify.com",),
}

PLATFORM_PHRASES: Mapping[str, tuple[Rule, ...]] = {
    "amazon_sp": (
        _rule(
            Kind.ACCOUNT_AT_RISK,
            r"at risk of (?:being )?deactivat",
            r"may be deactivated",
            r"风险.{0,10}停用",
            r"可能会?被停用",
            r"停止される(?:可能性|おそれ)",
            r"利用停止のおそれ",
            r"en riesgo de (?:ser )?desactiva",
        ),
        _rule(Kind.LISTING_REMOVED, r"ASINs? (?:has|have) been removed", r"search suppressed"),
        _rule(Kind.DOCUMENT_REQUEST, r"INFORM Consumers Act", r"section 3 of .{0,60}business solutions"),
        _rule(Kind.LATE_SHIPMENT, r"\bLSR\b"),
        _rule(Kind.TRACKING, r"\bVTR\b", r"\bOTDR\b"),
    ),
    "mercado_libre": (
        _rule(Kind.LATE_SHIPMENT, r"despacho[s]? (?:demorado|con demora)", r"envíos? con demora"),
        _rule(Kind.ACCOUNT_AT_RISK, r"tu reputación (?:bajó|está en riesgo)", r"termómetro (?:rojo|naranja)"),
        _rule(
            Kind.LISTING_REMOVED, r"pausamos tu publicación", r"publicación (?:fue )?(?:dada de baja|pausada)"
        ),
    ),
    "rakuten": (
        _rule(Kind.POLICY_VIOLATION, r"違反点数", r"ガイドライン違反", r"規約違反点数"),
        _rule(Kind.ACCOUNT_AT_RISK, r"違反点数.{0,20}(?:35|50|80|100)点"),
    ),
    "yahoo_shopping": (_rule(Kind.POLICY_VIOLATION, r"ストア(?:運用)?ガイドライン", r"改善のお願い"),),
    "walmart": (
        _rule(Kind.ACCOUNT_AT_RISK, r"trust (?:and|&) safety review", r"seller performance .{0,20}below"),
    ),
    "tiktok_shop": (_rule(Kind.POLICY_VIOLATION, r"violation points?", r"违规扣分", r"违规积分"),),
    "ebay": (
        _rule(Kind.LISTING_REMOVED, r"we(?:'ve| have)? removed your listing"),
        _rule(Kind.ACCOUNT_AT_RISK, r"\bMC\d{3}\b", r"below standard"),
    ),
}

# The gravest first: of several that fit one place, the first counts.
COMMON: tuple[Rule, ...] = (
    _rule(
        Kind.SUSPENSION,
        r"account (?:has been|is|was) (?:deactivated|suspended|blocked|disabled)",
        r"(?:deactivated|suspended) your .{0,40}account",
        r"账户(?:已|已经)?被?(?:停用|暂停|冻结|封)",
        r"店铺已?被?(?:封|关闭|停用)",
        r"アカウント(?:を|が|は).{0,12}(?:停止|一時停止)(?:し|され)",
        r"出品(?:権限|アカウント).{0,8}(?:停止|取り消)",
        r"(?:退店|営業停止)",
        r"cuenta (?:ha sido |fue |está )(?:suspendida|desactivada|bloqueada|inhabilitada)",
    ),
    _rule(
        Kind.ACCOUNT_AT_RISK,
        r"at risk of (?:suspension|deactivation)",
        r"(?:may|will|could) (?:be|result in) (?:the )?suspen",
        r"(?:账户|账号|店铺).{0,12}(?:风险|可能).{0,10}(?:停用|封|关闭)",
        r"アカウント.{0,16}停止.{0,6}(?:可能性|おそれ)",
        r"cuenta.{0,20}(?:en riesgo|podría ser (?:suspendida|desactivada))",
    ),
    _rule(
        Kind.FUNDS_HELD,
        r"funds? (?:will be|have been|are being|are) (?:held|withheld|reserved)",
        r"withh(?:e|o)ld.{0,20}(?:funds|payment)",
        r"(?:资金|款项).{0,8}(?:冻结|扣留|暂扣|保留)",
        r"(?:売上金|支払い).{0,10}(?:留保|保留|停止)",
        r"fondos? (?:retenidos?|bloqueados?)",
    ),
    _rule(
        Kind.REVIEW_MANIPULATION,
        r"review (?:manipulation|abuse)",
        r"manipulat.{0,20}reviews?",
        r"操[纵控].{0,6}评[论价]",
        r"レビュー.{0,10}(?:操作|不正)",
        r"manipula\w* (?:de )?(?:las )?(?:reseñas|opiniones)",
    ),
    _rule(
        Kind.AUTHENTICITY,
        r"inauthentic",
        r"authenticity",
        r"counterfeit",
        r"used sold as new",
        r"真实性",
        r"假冒",
        r"正品",
        r"真贋",
        r"偽造品",
        r"模倣品",
        r"autenticidad",
        r"falsificad",
    ),
    _rule(
        Kind.INTELLECTUAL_PROPERTY,
        r"intellectual property",
        r"infring",
        r"trademark",
        r"copyright",
        r"patent",
        r"知识产权",
        r"侵权",
        r"商标",
        r"知的財産",
        r"商標権?",
        r"著作権",
        r"propiedad intelectual",
        r"marca registrada",
    ),
    _rule(
        Kind.PRODUCT_SAFETY,
        r"product safety",
        r"safety (?:incident|concern|complaint)",
        r"recall",
        r"产品安全",
        r"商品安全",
        r"召回",
        r"製品安全",
        r"商品の安全",
        r"リコール",
        r"seguridad del producto",
        r"retiro del producto",
    ),
    _rule(
        Kind.DOCUMENT_REQUEST,
        r"(?:identity|account|seller) verification",
        r"verify your (?:identity|account|information)",
        r"provide .{0,40}documents?",
        r"身份验证",
        r"(?:账户|卖家|资质)审核",
        r"补充(?:资料|材料|文件)",
        r"本人確認",
        r"(?:確認|必要)書類",
        r"verificación de (?:la |tu |su )?(?:identidad|cuenta)",
    ),
    _rule(
        Kind.RESTRICTED_PRODUCT,
        r"restricted products?",
        r"prohibited (?:item|product)",
        r"受限商品",
        r"禁[售限]",
        r"制限対象商品",
        r"出品禁止",
        r"producto (?:restringido|prohibido)",
    ),
    _rule(
        Kind.ORDER_DEFECTS,
        r"order defect rate",
        r"\bODR\b",
        r"订单缺陷率",
        r"注文不良率",
        r"tasa de (?:pedidos con )?defectos",
        r"tasa de reclamos",
    ),
    _rule(
        Kind.LATE_SHIPMENT,
        r"late (?:shipment|dispatch|shipping)",
        r"迟发|延迟发货",
        r"出荷遅延",
        r"env[íi]o[s]? (?:tard[íi]os?|atrasados?)",
    ),
    _rule(Kind.CANCELLATIONS, r"cancell?ation rate", r"取消率", r"キャンセル率", r"tasa de cancelaci"),
    _rule(
        Kind.TRACKING,
        r"valid tracking",
        r"on-time delivery rate",
        r"有效追踪",
        r"追跡可能率",
        r"seguimiento válido",
    ),
    _rule(
        Kind.LISTING_REMOVED,
        r"listings? (?:has been|have been|was|were) (?:removed|deactivated|suppressed)",
        r"removed your listing",
        r"(?:商品|listing|链接).{0,10}(?:下架|移除|删除)",
        r"(?:出品|商品ページ).{0,8}(?:削除|取り下げ)",
        r"publicaci(?:ón|ones) (?:eliminada|retirada|pausada)",
    ),
    _rule(
        Kind.POLICY_VIOLATION,
        r"policy (?:violation|warning)",
        r"violat(?:ed|ion|es|ing)",
        r"违规|违反",
        r"規約違反|ポリシー違反|違反",
        r"infracci[óo]n|incumplimiento",
    ),
)
