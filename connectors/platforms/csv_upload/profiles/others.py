"""Exports of platforms without a specification at hand: headers as they are known, to be seen in a preview.

None of these was checked against a file of today (`verified` is False): whoever uploads one sees in the
preview which columns were found, and saves a profile of their own where a name has changed.
"""

from __future__ import annotations

from connectors.platforms.csv_upload.profile import Profile, by_name
from connectors.platforms.csv_upload.values import Days

SHOPIFY_ORDERS = Profile(
    key="shopify_orders",
    title="Shopify: orders export",
    dataset="orders",
    platform="shopify",
    source="Shopify admin, Orders, Export",
    verified=False,
    columns=by_name(
        order_id="Name",
        ordered_at="Created at",
        status="Fulfillment Status",
        sku="Lineitem sku",
        quantity="Lineitem quantity",
        unit_price_amount="Lineitem price",
        discount_amount="Lineitem discount",
        currency="Currency",
        buyer="Email",
    ),
    words={"status": {"fulfilled": "shipped", "partial": "shipped", "unfulfilled": "unshipped"}},
    carry=("ordered_at", "status", "currency", "buyer"),
    carry_within="order_id",
    personal=(
        "Billing Name", "Billing Street", "Billing Address1", "Billing Address2", "Billing Company",
        "Billing City", "Billing Zip", "Billing Province", "Billing Phone", "Shipping Name",
        "Shipping Street", "Shipping Address1", "Shipping Address2", "Shipping Company", "Shipping City",
        "Shipping Zip", "Shipping Province", "Shipping Phone", "Phone", "Notes", "Note Attributes",
    ),
)  # fmt: skip

RAKUTEN_ORDERS = Profile(
    key="rakuten_orders",
    title="Rakuten RMS: 受注CSV",
    dataset="orders",
    platform="rakuten",
    source="Rakuten RMS, 受注管理, CSVダウンロード",
    verified=False,
    encoding="cp932",
    time_zone="Asia/Tokyo",
    columns=by_name(
        order_id=("注文番号", "受注番号"),
        ordered_at=("注文日時", "注文日"),
        status=("ステータス", "受注ステータス"),
        sku=("SKU管理番号", "システム連携用SKU番号", "商品番号", "商品管理番号"),
        product_id="商品管理番号",
        quantity="個数",
        unit_price_amount=("単価", "商品単価"),
        buyer="注文者メールアドレス",
    ),
    words={
        "status": {
            "キャンセル確定": "cancelled",
            "900": "cancelled",
            "処理済": "shipped",
            "支払済": "shipped",
            "600": "shipped",
            "700": "shipped",
            "*": "unshipped",
        }
    },
    personal=(
        "注文者姓", "注文者名", "注文者姓カナ", "注文者名カナ", "注文者郵便番号1", "注文者郵便番号2",
        "注文者住所都道府県", "注文者住所郡市区", "注文者住所それ以降の住所", "注文者電話番号1",
        "送付先姓", "送付先名", "送付先住所都道府県", "送付先電話番号1",
    ),
)  # fmt: skip

YAHOO_ORDERS = Profile(
    key="yahoo_shopping_orders",
    title="Yahoo! Shopping Japan: order items",
    dataset="orders",
    platform="yahoo_shopping",
    source="Store Creator Pro, 注文管理, ダウンロード",
    verified=False,
    encoding="cp932",
    time_zone="Asia/Tokyo",
    columns=by_name(
        order_id=("OrderId", "注文ID"),
        ordered_at=("OrderTime", "注文日時"),
        line_no=("LineId", "商品ラインID"),
        sku=("SubCode", "商品サブコード", "ItemId", "商品コード"),
        product_id=("ItemId", "商品コード"),
        quantity=("Quantity", "数量"),
        unit_price_amount=("UnitPrice", "商品単価"),
        status=("OrderStatus", "注文ステータス"),
    ),
    words={
        "status": {
            "4": "cancelled",
            "5": "shipped",
            "キャンセル": "cancelled",
            "完了": "shipped",
            "*": "unshipped",
        }
    },
)

MERCADO_LIBRE_ORDERS = Profile(
    key="mercado_libre_orders",
    title="Mercado Libre: ventas (Excel)",
    dataset="orders",
    platform="mercado_libre",
    source="Mercado Libre, Ventas, Descargar Excel",
    verified=False,
    days=Days.DMY,
    columns=by_name(
        order_id=("# de venta", "Número de venta"),
        ordered_at="Fecha de venta",
        sku="SKU",
        product_id=("# de publicación", "Número de publicación"),
        quantity="Unidades",
        price_amount=("Ingresos por productos (MXN)", "Ingresos (MXN)", "Total de productos (MXN)"),
        status="Estado",
    ),
    words={"status": {"cancelada": "cancelled", "venta cancelada": "cancelled", "*": "shipped"}},
    skip_without=("sku",),
    personal=("Datos personales o de empresa", "Comprador", "IFE", "Domicilio", "Dirección", "Cédula"),
)

WALMART_ORDERS = Profile(
    key="walmart_orders",
    title="Walmart Seller Center: orders (Excel)",
    dataset="orders",
    platform="walmart",
    source="Walmart Seller Center, Orders, Download",
    verified=False,
    days=Days.MDY,
    columns=by_name(
        order_id=("PO#", "PO #", "Order#"),
        line_no=("PO Line#", "Line#"),
        ordered_at="Order Date",
        sku="SKU",
        quantity="Qty",
        price_amount=("Item Cost", "Item Price"),
        tax_amount=("Tax", "Item Tax"),
        shipping_amount=("Shipping Cost", "Shipping Price"),
        status="Status",
    ),
    words={
        "status": {
            "cancelled": "cancelled",
            "canceled": "cancelled",
            "shipped": "shipped",
            "delivered": "shipped",
            "*": "unshipped",
        }
    },
    personal=(
        "Customer Name", "Customer Shipping Address", "Customer Phone Number", "Ship to Address 1",
        "Ship to Address 2", "City", "State", "Zip",
    ),
)  # fmt: skip

EBAY_ORDERS = Profile(
    key="ebay_orders",
    title="eBay Seller Hub: orders report",
    dataset="orders",
    platform="ebay",
    source="eBay Seller Hub, Reports, Orders",
    verified=False,
    days=Days.MDY,
    columns=by_name(
        order_id="Order Number",
        line_no="Transaction ID",
        ordered_at="Sale Date",
        sku="Custom Label",
        product_id="Item Number",
        quantity="Quantity",
        unit_price_amount="Sold For",
        tax_amount="eBay Collected Tax",
        shipping_amount="Shipping And Handling",
        buyer="Buyer Username",
    ),
    skip_without=("sku",),
    personal=(
        "Buyer Name", "Buyer Email", "Buyer Note", "Buyer Address 1", "Buyer Address 2", "Buyer City",
        "Buyer State", "Buyer Zip", "Ship To Name", "Ship To Phone", "Ship To Address 1",
        "Ship To Address 2", "Ship To City", "Ship To State", "Ship To Zip",
    ),
)  # fmt: skip

PROFILES = (
    SHOPIFY_ORDERS,
    RAKUTEN_ORDERS,
    YAHOO_ORDERS,
    MERCADO_LIBRE_ORDERS,
    WALMART_ORDERS,
    EBAY_ORDERS,
)
