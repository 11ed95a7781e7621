"""Who is in the demo: five shops of plus-size women's fashion, each with its own styles, colours, suppliers and size.

All names are made up; e-mail addresses end in `.example`, which nobody can own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Literal

# China has one zone without summer time.
ZONE = timezone(timedelta(hours=8))
SIZES = ("XL", "2XL", "3XL", "4XL", "5XL", "6XL")
SIZE_WEIGHTS = (14, 22, 27, 19, 12, 6)

Season = Literal["all", "summer", "winter"]


@dataclass(frozen=True, slots=True)
class StyleDraft:
    """A style as its shop would describe it; `fit` is -1 where it runs small, 1 where it runs large. Price in CNY."""

    title: str
    category: str
    price: int
    season: Season = "all"
    fit: int = 0


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the shop's palette; `risk` is how often it looks different than on the picture, 1 being usual."""

    name: str
    code: str
    risk: float


@dataclass(frozen=True, slots=True)
class ShopProfile:
    """One shop of the demo. `return_rate` is the share of sold pieces that come back, before refusals.

    `joins_centre_after` is how many months it handled returns alone before it used the shared sites. `channel` is
    the importer's code of the platform it sells on. `bad_delivery` is the style (by position) whose
    delivery in a month of the story (by number) is faulty.
    """

    handle: str
    name: str
    prefix: str
    region: str
    site: str
    orders_a_month: int
    return_rate: float
    joins_centre_after: int
    channel: str
    suppliers: tuple[str, ...]
    palette: tuple[Colour, ...]
    styles: tuple[StyleDraft, ...]
    bad_delivery: tuple[int, int] | None = None


BLACK = Colour("黑色", "HS", 0.5)
NAVY = Colour("藏青", "ZQ", 0.7)
WHITE = Colour("米白", "MB", 0.9)
APRICOT = Colour("杏色", "XS", 1.2)
CARAMEL = Colour("焦糖色", "JT", 1.4)
WINE = Colour("酒红", "JH", 1.1)
GREEN = Colour("墨绿", "ML", 1.2)
HAZE = Colour("雾霾蓝", "WM", 1.9)
ROSE = Colour("豆沙粉", "DS", 1.7)
AVOCADO = Colour("牛油果绿", "NY", 2.2)
GREY = Colour("麻灰", "MH", 0.8)
LILAC = Colour("香芋紫", "XY", 1.8)

S = StyleDraft

QIAOYUE = ShopProfile(
    handle="qiaoyue",
    name="俏悦大码通勤",
    prefix="QY",
    region="浙江杭州",
    site="hangzhou",
    orders_a_month=260,
    return_rate=0.375,
    joins_centre_after=3,
    channel="douyin",
    suppliers=("杭州锦禾制衣", "绍兴柯桥远纺", "嘉兴濮院新棉针织"),
    palette=(BLACK, NAVY, WHITE, CARAMEL, HAZE, GREY),
    styles=(
        S("垂感高腰西装阔腿裤", "裤装", 179, fit=-1),
        S("收腰单排扣西装外套", "外套", 329),
        S("翻领缎面通勤衬衫", "衬衫", 159, fit=-1),
        S("V领针织打底连衣裙", "连衣裙", 229, "winter"),
        S("假两件显瘦马甲套装", "套装", 299),
        S("冰丝短袖西装", "外套", 239, "summer"),
        S("直筒九分小西裤", "裤装", 149),
        S("飘带领雪纺衬衫", "衬衫", 139, "summer"),
        S("双面呢中长款大衣", "外套", 599, "winter", 1),
        S("包臀开衩半身裙", "半身裙", 129, fit=-1),
        S("半高领羊毛混纺毛衣", "针织", 199, "winter"),
        S("天丝衬衫连衣裙", "连衣裙", 259, "summer"),
        S("弹力醋酸阔腿裤", "裤装", 189),
        S("轻薄短款羽绒服", "外套", 429, "winter", 1),
    ),
)
FENGZI = ShopProfile(
    handle="fengzi",
    name="丰姿法式衣橱",
    prefix="FZ",
    region="广东广州",
    site="guangzhou",
    orders_a_month=220,
    return_rate=0.42,
    joins_centre_after=3,
    channel="xiaohongshu",
    suppliers=("广州沙河丽影服饰", "东莞虎门佳缇制衣", "深圳南油诺曼"),
    palette=(BLACK, WINE, APRICOT, ROSE, GREEN, HAZE),
    styles=(
        S("法式方领碎花连衣裙", "连衣裙", 239, "summer", -1),
        S("赫本风收腰小黑裙", "连衣裙", 269),
        S("泡泡袖雪纺上衣", "上衣", 149, "summer", -1),
        S("茶歇裙长款", "连衣裙", 219, "summer"),
        S("丝绒鱼尾半身裙", "半身裙", 189, "winter"),
        S("小香风粗花呢外套", "外套", 359, "winter"),
        S("蕾丝拼接打底衫", "上衣", 99, "winter", -1),
        S("高腰伞摆半身裙", "半身裙", 159),
        S("复古波点连衣裙", "连衣裙", 229),
        S("灯芯绒背带裙", "连衣裙", 199, "winter"),
        S("系带针织开衫", "针织", 169),
        S("缎面吊带长裙", "连衣裙", 249, "summer"),
        S("羊羔毛短外套", "外套", 329, "winter", 1),
        S("醋酸垂感长裤", "裤装", 179),
    ),
    bad_delivery=(8, 8),
)
YUANYUAN = ShopProfile(
    handle="yuanyuan",
    name="圆圆家甜美大码",
    prefix="YY",
    region="四川成都",
    site="hangzhou",
    orders_a_month=200,
    return_rate=0.435,
    joins_centre_after=4,
    channel="douyin",
    suppliers=("成都荷花池糖果服饰", "杭州九堡甜田", "义乌圆梦针织"),
    palette=(WHITE, ROSE, LILAC, AVOCADO, APRICOT, BLACK),
    styles=(
        S("娃娃领甜美连衣裙", "连衣裙", 169, "summer", -1),
        S("卡通刺绣宽松卫衣", "卫衣", 129, "winter"),
        S("百褶高腰短裙", "半身裙", 99, fit=-1),
        S("蝴蝶结短款针织衫", "针织", 119, fit=-1),
        S("格子学院风衬衫", "衬衫", 109),
        S("奶乖兔毛开衫", "针织", 159, "winter"),
        S("蓬蓬蛋糕裙", "半身裙", 119, "summer"),
        S("牛角扣毛呢外套", "外套", 299, "winter", 1),
        S("甜辣风露肩上衣", "上衣", 89, "summer", -1),
        S("背带牛仔短裤", "裤装", 139, "summer"),
        S("加绒束脚运动裤", "裤装", 109, "winter"),
        S("荷叶边雪纺连衣裙", "连衣裙", 179, "summer"),
        S("糖果色短款棉服", "外套", 239, "winter"),
        S("印花短袖T恤", "T恤", 69, "summer"),
    ),
)
DAXIANG = ShopProfile(
    handle="daxiang",
    name="大象小姐街头",
    prefix="DX",
    region="湖北武汉",
    site="guangzhou",
    orders_a_month=180,
    return_rate=0.345,
    joins_centre_after=5,
    channel="douyin",
    suppliers=("武汉汉正街潮动", "石狮野象制衣", "广州十三行原点"),
    palette=(BLACK, GREY, WHITE, AVOCADO, CARAMEL, NAVY),
    styles=(
        S("重磅落肩短袖T恤", "T恤", 79, "summer", 1),
        S("美式复古棒球外套", "外套", 269),
        S("工装多口袋束脚裤", "裤装", 159),
        S("连帽加绒卫衣", "卫衣", 149, "winter"),
        S("水洗直筒牛仔裤", "裤装", 189, fit=-1),
        S("运动速干套装", "套装", 199, "summer"),
        S("机能风冲锋衣", "外套", 399, "winter"),
        S("oversize格纹衬衫", "衬衫", 139, fit=1),
        S("高弹鲨鱼裤", "裤装", 89, fit=-1),
        S("拼接飞行员夹克", "外套", 299, "winter"),
        S("字母印花背心", "T恤", 59, "summer"),
        S("针织运动阔腿裤", "裤装", 129),
        S("街头涂鸦长袖T恤", "T恤", 99),
        S("面包羽绒服", "外套", 459, "winter", 1),
    ),
)
NUANSHAN = ShopProfile(
    handle="nuanshan",
    name="暖山棉麻新中式",
    prefix="NS",
    region="江苏苏州",
    site="hangzhou",
    orders_a_month=140,
    return_rate=0.35,
    joins_centre_after=6,
    channel="channels",
    suppliers=("苏州盛泽云锦坊", "南通如皋棉里", "湖州织里山居"),
    palette=(WHITE, GREEN, CARAMEL, GREY, HAZE, WINE),
    styles=(
        S("盘扣立领棉麻上衣", "上衣", 189),
        S("改良宽松旗袍裙", "连衣裙", 299, "summer", -1),
        S("苎麻阔腿长裤", "裤装", 179, "summer"),
        S("提花香云纱外套", "外套", 459),
        S("水墨印花长裙", "连衣裙", 269, "summer"),
        S("马面裙日常款", "半身裙", 329, fit=-1),
        S("绗缝棉服中式袄", "外套", 359, "winter", 1),
        S("斜襟重磅真丝衬衫", "衬衫", 399),
        S("棉麻茶服套装", "套装", 329),
        S("羊毛呢盘扣马甲", "外套", 239, "winter"),
        S("亚麻刺绣半身裙", "半身裙", 199, "summer"),
        S("宽松圆领毛衣", "针织", 219, "winter"),
        S("禅意长款风衣", "外套", 379),
        S("双层纱家居连衣裙", "连衣裙", 159, "summer"),
    ),
)
SHOPS = (QIAOYUE, FENGZI, YUANYUAN, DAXIANG, NUANSHAN)
