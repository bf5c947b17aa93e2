"""The words of notices in the four languages; every language has every key."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh-Hans", "en", "ja", "es")

_Words = Mapping[str, str]

SEVERITY: Mapping[str, _Words] = {
    "zh-Hans": {"info": "提示", "warning": "警告", "critical": "严重"},
    "en": {"info": "Info", "warning": "Warning", "critical": "Critical"},
    "ja": {"info": "情報", "warning": "警告", "critical": "重大"},
    "es": {"info": "Aviso", "warning": "Advertencia", "critical": "Crítico"},
}

NOTICE: Mapping[str, _Words] = {
    "zh-Hans": {
        "fired": "已触发",
        "still_firing": "仍未恢复",
        "escalated": "已升级",
        "resolved": "已恢复",
    },
    "en": {
        "fired": "has fired",
        "still_firing": "is still firing",
        "escalated": "was escalated",
        "resolved": "has resolved",
    },
    "ja": {
        "fired": "発生しました",
        "still_firing": "継続しています",
        "escalated": "エスカレーションされました",
        "resolved": "解消しました",
    },
    "es": {
        "fired": "se ha activado",
        "still_firing": "sigue activa",
        "escalated": "se ha escalado",
        "resolved": "se ha resuelto",
    },
}

LABELS: Mapping[str, _Words] = {
    "zh-Hans": {
        "store": "店铺",
        "subject": "对象",
        "observed": "当前值",
        "limit": "目标/限值",
        "basis": "依据",
        "as_of": "数据截至",
        "occurred_at": "时间",
        "evidence": "证据",
        "link": "查看",
    },
    "en": {
        "store": "Store",
        "subject": "About",
        "observed": "Now",
        "limit": "Target or limit",
        "basis": "Basis",
        "as_of": "Data as of",
        "occurred_at": "At",
        "evidence": "Evidence",
        "link": "Open",
    },
    "ja": {
        "store": "ストア",
        "subject": "対象",
        "observed": "現在値",
        "limit": "目標・限度",
        "basis": "根拠",
        "as_of": "データ時点",
        "occurred_at": "発生時刻",
        "evidence": "証拠",
        "link": "開く",
    },
    "es": {
        "store": "Tienda",
        "subject": "Sobre",
        "observed": "Ahora",
        "limit": "Objetivo o límite",
        "basis": "Base",
        "as_of": "Datos hasta",
        "occurred_at": "Momento",
        "evidence": "Evidencia",
        "link": "Abrir",
    },
}

SUBJECT: _Words = {
    "zh-Hans": "【{severity}】{client}{store}：{title}{notice}",
    "en": "[{severity}] {client}{store}: {title} {notice}",
    "ja": "【{severity}】{client}{store}：{title}が{notice}",
    "es": "[{severity}] {client}{store}: {title} {notice}",
}

STORE_PART: _Words = {"zh-Hans": " {store}", "en": ", {store}", "ja": " {store}", "es": ", {store}"}

GROUP: _Words = {
    "zh-Hans": "【{severity}】{client}：{count} 条通知",
    "en": "[{severity}] {client}: {count} notices",
    "ja": "【{severity}】{client}：通知 {count} 件",
    "es": "[{severity}] {client}: {count} avisos",
}

COLON: _Words = {"zh-Hans": "：", "en": ": ", "ja": "：", "es": ": "}

TEST: Mapping[str, tuple[str, str]] = {
    "zh-Hans": ("测试消息", "这是一条测试消息，用于确认渠道“{name}”可以送达。无需处理。"),
    "en": ("Test message", "This is a test of the channel “{name}”. Nothing needs to be done."),
    "ja": ("テストメッセージ", "チャネル「{name}」の動作確認です。対応は不要です。"),
    "es": ("Mensaje de prueba", "Es una prueba del canal «{name}». No hay que hacer nada."),
}

BROKEN: Mapping[str, tuple[str, str]] = {
    "zh-Hans": (
        "通知渠道“{name}”已停用",
        "渠道“{name}”（{kind}）拒绝了消息，已停用，直到重新设置为止。原因：{reason}\n"
        "未送达的通知：{count} 条，可在投递记录中重发。",
    ),
    "en": (
        "The channel “{name}” no longer works",
        "The channel “{name}” ({kind}) refused a message and is off until somebody sets it up anew. Reason: "
        "{reason}\nNotices not delivered: {count}; they can be replayed from the log of deliveries.",
    ),
    "ja": (
        "通知チャネル「{name}」が停止しました",
        "チャネル「{name}」（{kind}）がメッセージを拒否したため、再設定されるまで停止しています。理由：{reason}\n"
        "未配信の通知：{count} 件。配信ログから再送できます。",
    ),
    "es": (
        "El canal «{name}» ya no funciona",
        "El canal «{name}» ({kind}) rechazó un mensaje y queda apagado hasta que se configure de nuevo. "
        "Motivo: {reason}\nAvisos sin entregar: {count}; pueden reenviarse desde el registro de entregas.",
    ),
}

UNITS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "zh-Hans": {"days": ("{number} 天", "{number} 天"), "hours": ("{number} 小时", "{number} 小时")},
    "en": {"days": ("{number} day", "{number} days"), "hours": ("{number} hour", "{number} hours")},
    "ja": {"days": ("{number} 日", "{number} 日"), "hours": ("{number} 時間", "{number} 時間")},
    "es": {"days": ("{number} día", "{number} días"), "hours": ("{number} hora", "{number} horas")},
}


def spoken(locale: str) -> str:
    """The language of the four that a locale means; English for any other."""
    wanted = locale.replace("_", "-").lower()
    for language in LANGUAGES:
        if wanted == language.lower() or wanted.partition("-")[0] == language.partition("-")[0]:
            return language
    return "en"
