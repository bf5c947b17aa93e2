"""The words by which refused requests are known, the policy, and the lawful way, in four languages.

The alternatives name no refused practice: advice never repeats what it refuses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """Terms that give a request away, and what is answered, by language."""

    terms: tuple[str, ...]
    messages: Mapping[str, str]
    alternatives: Mapping[str, str]


POLICIES: Mapping[str, Policy] = {
    "customs_evasion": Policy(
        terms=(
            *("灰清", "灰关", "灰色清关", "灰色通关", "双清包税", "包税清关", "走私", "水客", "蚂蚁搬家"),
            *("grey customs", "gray customs", "grey clearance", "gray clearance", "smuggle", "smuggling"),
            *("avoid customs duty", "evade customs", "evade duty", "evade duties", "bypass customs"),
            *("グレー通関", "密輸", "関税逃れ", "脱税輸入"),
            *("contrabando", "aduana gris", "despacho gris", "evadir aduana", "evadir aranceles"),
        ),
        messages={
            "en": "We do not plan, price or describe imports that pass customs outside the law.",
            "zh-hans": "我们不为违法通关的进口做方案、定价或说明。",
            "ja": "当社は、法に反する輸入について計画・価格設定・説明を行いません。",
            "es": "No planeamos, cotizamos ni describimos importaciones que pasen la aduana fuera de la ley.",
        },
        alternatives={
            "en": "Formal entry with a licensed broker: right HS "
            "code, binding ruling, bonded stock, duty in cost.",
            "zh-hans": "请委托持牌报关行正式报关：核对税则号、申请预裁定、使用保税仓，并将关税计入成本。",
            "ja": "通関業者による正規申告：HSコードの確認、事前教示、"
            "保税倉庫の利用、関税の原価算入をご利用ください。",
            "es": "Importación formal con agente aduanal: fracción correcta, "
            "resolución previa, recinto fiscalizado y el arancel dentro del costo.",
        },
    ),
    "under_declaration": Policy(
        terms=(
            *("低报货值", "低报价值", "清关低报", "海关低报", "低申报"),
            *("少报货值", "虚报货值", "瞒报", "伪报品名", "阴阳发票"),
            *("under declare", "under declaring", "under declaration", "underdeclare", "underdeclaring"),
            *("underdeclared", "under invoice", "under invoicing", "lower the declared value"),
            *("declare a lower value", "declare less", "undervalue the invoice", "undervalue the goods"),
            *("false invoice", "fake invoice", "アンダーバリュー", "過少申告", "低価申告", "虚偽申告"),
            *("subvaluar", "subvaluación", "subfacturar", "subfacturación", "declarar menos valor"),
            *("declarar un valor menor", "factura falsa"),
        ),
        messages={
            "en": "We do not work with declared values or invoices that are not true.",
            "zh-hans": "我们不接受不真实的申报价值或发票。",
            "ja": "当社は、真実でない申告価格やインボイスを扱いません。",
            "es": "No trabajamos con valores declarados ni facturas que no sean verdaderos.",
        },
        alternatives={
            "en": "Lawful ways to a lower duty: first sale valuation, "
            "drawback, trade agreements, other materials.",
            "zh-hans": "合法降低税负的途径：首次销售估价、退税、贸易协定优惠、调整材质或原产地。",
            "ja": "合法的な軽減策：評価申告の見直し、戻し税、経済連携協定、素材や原産地の変更。",
            "es": "Vías legales para pagar menos: devolución de "
            "impuestos, tratados, IMMEX, otros materiales u origen.",
        },
    ),
    "fake_reviews": Policy(
        terms=(
            *("刷单", "刷评", "刷好评", "刷销量", "刷排名", "真人测评", "测评刷", "买评价", "买好评"),
            *("好评返现", "删差评服务"),
            *("brushing order", "brushing orders", "order brushing", "brushing scam", "brushing service"),
            *("brushing campaign", "do brushing", "fake review"),
            *("fake reviews", "fake order", "fake orders", "paid reviews"),
            *("buy reviews", "buying reviews", "review manipulation", "incentivized reviews"),
            *("incentivised reviews", "サクラレビュー", "やらせレビュー", "自作自演レビュー", "レビュー購入"),
            *("レビュー買い", "偽レビュー", "reseñas falsas", "reseña falsa", "comprar reseñas"),
            *("reseñas pagadas", "pedidos falsos", "opiniones falsas", "comprar opiniones"),
        ),
        messages={
            "en": "We do not help with orders or opinions that no real buyer made of their own accord.",
            "zh-hans": "我们不协助任何非真实买家自愿产生的订单或评价。",
            "ja": "当社は、実際の購入者が自発的に行っていない注文や評価には協力しません。",
            "es": "No ayudamos con pedidos ni opiniones que un comprador real no haya hecho por sí mismo.",
        },
        alternatives={
            "en": "Use the platform's own programmes (Vine, Request "
            "a Review), better pages and faster answers.",
            "zh-hans": "请使用平台官方计划（Vine、请求评论），并改进页面与客服响应。",
            "ja": "公式プログラム（Vine、レビューリクエスト）と、"
            "商品ページ・顧客対応の改善をご利用ください。",
            "es": "Use los programas de la plataforma (Vine, Solicitar "
            "una opinión) y mejore la ficha y la atención.",
        },
    ),
    "resale_price": Policy(
        terms=(
            *("限制转售价格", "固定转售价格", "最低转售价", "强制经销商价格", "控制经销商售价"),
            *("resale price maintenance", "enforce resale price", "enforce resale prices"),
            *("force resellers to", "fix the resale price", "fix resale prices", "minimum resale price"),
            *("再販売価格の拘束", "再販売価格維持", "再販価格を守らせ", "小売価格を守らせ", "値引きさせない"),
            *("precio mínimo de reventa", "fijar el precio de reventa", "imponer precio de reventa"),
        ),
        messages={
            "en": "We do not hold others to a price at which they resell.",
            "zh-hans": "我们不要求他人按指定价格转售。",
            "ja": "当社は、他の販売者の販売価格を拘束することに協力しません。",
            "es": "No obligamos a otros a revender a un precio determinado.",
        },
        alternatives={
            "en": "Suggested prices without sanctions, selective "
            "distribution by quality, own price and service.",
            "zh-hans": "可采用不附惩罚的建议零售价、按质量标准的选择性分销，以及改进自身价格与服务。",
            "ja": "拘束力のない希望小売価格、品質基準による選択的流通、自社の価格とサービスの改善。",
            "es": "Precios sugeridos sin sanción, distribución "
            "selectiva por calidad, y precio y servicio propios.",
        },
    ),
    "price_collusion": Policy(
        terms=(
            *("串通涨价", "串通定价", "统一涨价联盟", "价格同盟", "联合涨价"),
            *("agree prices with competitors", "agree on prices with competitors", "price fixing"),
            *("price cartel", "fix prices with", "価格カルテル", "カルテル", "価格協定", "談合"),
            *("acordar precios con competidores", "acordar precios con la competencia", "cártel de precios"),
            *("colusión de precios",),
        ),
        messages={
            "en": "We do not coordinate prices with competitors, in words or by software.",
            "zh-hans": "我们不以任何形式与竞争者协调价格。",
            "ja": "当社は、競合他社との価格の調整を一切行いません。",
            "es": "No coordinamos precios con competidores, ni de palabra ni por software.",
        },
        alternatives={
            "en": "Set each price from your own cost, demand and what anybody can see in the market.",
            "zh-hans": "请依据自身成本、需求与公开市场信息独立定价。",
            "ja": "自社の原価・需要・公開情報に基づき、独立して価格を決定してください。",
            "es": "Fije cada precio según su costo, su demanda y lo que cualquiera puede ver en el mercado.",
        },
    ),
    "fake_discount": Policy(
        terms=(
            *("先涨后降", "虚构原价", "虚假折扣", "先提价再打折"),
            *("raise the price before the discount", "fake discount", "fake discounts", "fake was price"),
            *("inflate the list price", "inflated list price", "不当な二重価格", "架空の通常価格"),
            *("subir el precio antes del descuento", "descuento falso", "inflar el precio de lista"),
        ),
        messages={
            "en": "We do not show reductions from a price that was never really asked.",
            "zh-hans": "我们不展示并未真实执行过的原价与折扣。",
            "ja": "当社は、実際に販売していない価格との比較表示を行いません。",
            "es": "No mostramos rebajas desde un precio que nunca se cobró de verdad.",
        },
        alternatives={
            "en": "Plan the promotion ahead: the price history here proves which former price may be shown.",
            "zh-hans": "请提前规划促销：本系统的价格历史可证明可展示的原价。",
            "ja": "事前に販促を計画してください。価格履歴が、表示できる過去価格を証明します。",
            "es": "Planee la promoción con tiempo: el historial "
            "demuestra qué precio anterior puede mostrarse.",
        },
    ),
}
