"""Made-up customers. Nobody can own their e-mail addresses, which end in `.example`; nobody chose their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from alliance.web.cli.demo.chance import Chance

FAMILY = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"
    "肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏"
)
FIRST = "晓雨思梦佳欣雅静诗文婉紫若海心语秋冬春嘉可清依子一云书美丽小玉慧惠秀月芳"
SECOND = "婷敏琳琪萱悦怡妍蕾娜莹洁倩薇彤瑶颖璐菲琴燕霞莉娟艳玲红梅兰英华香珍云"
PREFIXES = ("131", "132", "136", "137", "138", "150", "151", "157", "158", "159", "176", "180", "186", "188", "189")


@dataclass(frozen=True, slots=True)
class Person:
    """A customer: the source's id for them, name, telephone, and e-mail where they gave one."""

    key: str
    name: str
    phone: str
    email: str


def make_person(chance: Chance, number: int) -> Person:
    """The person of this number; e-mails and numbers of two persons never meet."""
    name = chance.choice(FAMILY) + (chance.choice(FIRST) if chance.random() < 0.7 else "") + chance.choice(SECOND)
    prefix = PREFIXES[number % len(PREFIXES)]
    phone = f"{prefix}00{number // len(PREFIXES):06d}"
    email = f"kehu{number:06d}@mail.example" if chance.random() < 0.45 else ""
    return Person(f"K{number:07d}", name, phone, email)
