"""The words of Alibaba Cloud's price pages, and what a header, a heading and a model's name say in them.

Here belong texts that stand on a page, each exactly as `clean` leaves it; a word that is not here raises, and the
spider in `alibaba` rejects what it stood on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scrapers.parsing.money import ABSENT
from scrapers.parsing.outline import Heading
from scrapers.parsing.units import read_unit

# Regions that stand as headings or tabs, and the market of the price book they are.
REGIONS = {
    "华北2(北京)": "cn",
    "Singapore": "intl",
    **{
        name: name
        for name in (
            *("新加坡", "美国(弗吉尼亚)", "德国(法兰克福)", "日本(东京)"),
            *("China (Beijing)", "Hong Kong (China)", "US (Virginia)", "Germany (Frankfurt)", "Japan (Tokyo)"),
        )
    },
}
# Regions that stand in a column and have a price in common; another is its own market.
REGION_LISTS = {"北京 上海 杭州 深圳": "cn"}

COLUMNS = {
    **dict.fromkeys(("模型 ID(Model ID)", "模型名称", "Model ID"), "model"),
    **dict.fromkeys(("服务部署范围", "Deployment scope"), "scope"),
    **dict.fromkeys(("模式", "Mode"), "mode"),
    **dict.fromkeys(("单次请求的输入Token数", "单次请求的输入Token范围", "输入Token数量", "输入 Token 阶梯"), "tier"),
    "Input tokens per request": "tier",
    **dict.fromkeys(("输出图像分辨率", "输出视频分辨率", "输出视频类型", "输出视频模式"), "condition"),
    **dict.fromkeys(("3D任务类型", "输出规格", "分辨率/规格"), "condition"),
    **dict.fromkeys(("免费额度", "免费额度(注)", "Free quota", "Free quota(Note)", "折扣"), "ignored"),
    "地域": "region",
    **dict.fromkeys(("模型类别", "计费规则"), "charged"),
    "阶梯层级": "ladder",
    **dict.fromkeys(("单价(每个音色)", "复刻一个音色"), "voice"),
}
# The start of a price header: the sides of a call. A bare price leaves them to its cells or to another column.
SIDES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("输入单价", "语音合成单价", "Input price"), ("input",)),
    **dict.fromkeys(("输出单价", "Output price"), ("output",)),
    "输入和输出单价": ("input", "output"),
    **dict.fromkeys(("隐式缓存命中", "Cache-hit input price"), ("cache_read",)),
    "显式缓存命中": ("cache_read_explicit",),
    "显式缓存创建": ("cache_write",),
    "单价": (),
}
# Its end, which says that reasoning counts as output.
TAILS = frozenset({None, "", "思维链+回答", "思维链和回答", "Chain of thought + answer"})

# What stands below a price header: the media it is for, or the mode.
MEDIA: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("文本", "输出:文本", "文本 仅纯文本输入", "文本 多模态输入"), ("",)),
    **dict.fromkeys(("音频", "输入:音频", "输出:音频", "文本+音频 仅音频计费"), ("audio",)),
    **dict.fromkeys(("图片", "输入:图片"), ("image",)),
    "图片/视频": ("image", "video"),
    "文本/图片": ("", "image"),
    "文本/图片/视频": ("", "image", "video"),
}
MODE_HEADERS = {
    **dict.fromkeys(("非思考模式", "Non-Thinking mode"), "non_thinking"),
    **dict.fromkeys(("思考模式(思维链+回答)", "Thinking mode (chain of thought + answer)"), "thinking"),
}
# Text output costs more where the prompt was more than text; a price of its own only beside the one for text alone.
MULTIMODAL, TEXT_ONLY = "文本 多模态输入", "文本 仅纯文本输入"

MODES = {
    **dict.fromkeys(("非思考和思考模式", "非思考和思考", "Non-Thinking and Thinking modes"), None),
    **dict.fromkeys(("仅思考模式", "Thinking mode only", "Thinking mode"), "thinking"),
    **dict.fromkeys(("仅非思考模式", "非思考模式", "Non-Thinking mode only", "Non-Thinking mode"), "non_thinking"),
}
UNTIERED = ABSENT | {"无阶梯计价", "不区分阶梯", "No tiered pricing"}

# What a cell says is charged for: sides and media, None where the column's own stand.
Charged = tuple[tuple[str, ...] | None, tuple[str, ...] | None]
CHARGED: dict[str, Charged] = {
    **dict.fromkeys(("文本生成(非思考+思考)", "翻译", "向量", "多模态向量-文本"), (None, None)),
    "多模态向量-图片/视频": (None, ("image", "video")),
    "图片生成/编辑": (("output",), ("image",)),
    "按音频时长计费": (("input",), ("audio",)),
    **dict.fromkeys(("输出视频按秒计费", "输出视频"), (("output",), ("video",))),
    **dict.fromkeys(("输入、输出视频按秒计费", "输入视频和输出视频均按秒计费"), (("input", "output"), ("video",))),
    "文本输入": (("input",), ("",)),
    **dict.fromkeys(("图片输入", "输入图像"), (("input",), ("image",))),
}
# What is counted in seconds, by the start of the section's name.
SECONDS_OF = {"视频生成": "video", "音乐生成": "audio", "语音识别": "audio"}
THIRD_PARTY = ("第三方模型", "third-party models")

# The page's words for a time of day, in a cell and where its hours are stated.
WINDOWS = {"Busy hours": "peak", "Idle hours": "off_peak", "night": "night", "daytime": "daytime"}
HOURS = {"Busy": "peak", "Idle": "off_peak", "Night": "night", "Daytime": "daytime"}

RETIRED, TRIAL, UNCHARGED, LIMITED_FREE = "已下线", "目前仅供免费体验", "不计费", "限时免费"
OTHER_MODELS = "参见模型列表"

MODEL = re.compile(r"[A-Za-z][\w./:+-]{0,120}", re.ASCII)
NOTE = re.compile(
    r"\s*(?:(?:当前能力等同于|Currently equivalent to) ?(?P<alias>[A-Za-z][A-Za-z0-9_./:+-]*)|(?P<limited>邀测中)"
    r"|For more details, see (?P<fast>Fast mode) \(Prime\)|Batch ?调用半价|上下文缓存享有折扣|Session Cache ?享有折扣"
    r"|50% batch inference discount|context caching(?: discount)?)",
    re.IGNORECASE,
)
# Labels of amounts that differ by what no column holds: size, aspect, a rewritten prompt.
CONDITION = re.compile(r"\d{3,4}P:|\d:\d画幅视频:|prompt_extend=")
LOW_LEVEL = 4  # from here down, headings are regions or tabs inside them; above, families
_HEADER = re.compile(r"([^()]+?) ?(?:\(([^()]*)\) ?([^()]*))?")


@dataclass(frozen=True)
class Column:
    """What a column of a table holds; the fields after `kind` are those of a price."""

    header: str
    kind: str
    sides: tuple[str, ...] = ()
    media: tuple[str, ...] = ("",)
    mode: str | None = None
    unit: str | None = None
    is_bare: bool = False


def read_columns(headers: Sequence[tuple[str, ...]]) -> list[Column]:
    """The columns of a table; raise where one is unknown, or where there is none of models or none of prices."""
    columns = [_column(*texts) for texts in headers]
    kinds = [column.kind for column in columns]
    if kinds.count("model") != 1 or not {"price", "voice"} & set(kinds):
        raise ValueError(f"{kinds.count('model')} columns of models and {kinds.count('price')} of prices")
    has_text_only = any(TEXT_ONLY in texts for texts in headers)
    return [
        replace(column, kind="multimodal") if has_text_only and MULTIMODAL in texts else column
        for column, texts in zip(columns, headers, strict=True)
    ]


def _column(header: str, part: str = "", *more: str) -> Column:
    """A header such as `输入单价(每百万Token)`, with what stands below it."""
    plain = header.replace(" (", "(")
    if plain in COLUMNS and not part:
        return Column(header, COLUMNS[plain])
    match = _HEADER.fullmatch(header)
    if match is None or match[1] not in SIDES or match[3] not in TAILS or more:
        raise ValueError(f"unknown header {' / '.join(filter(None, (header, part, *more)))!r}")
    if part and part not in MEDIA and part not in MODE_HEADERS:
        raise ValueError(f"unknown header {part!r} below {header!r}")
    measure = match[2] or ""
    return Column(
        f"{header} {part}".strip(),
        "price",
        SIDES[match[1]],
        MEDIA.get(part, ("",)),
        MODE_HEADERS.get(part),
        unit=read_unit(measure.removeprefix("元")) if measure else None,
        is_bare=measure.startswith("元"),
    )


def read_market(headings: Sequence[Heading], home: str) -> str:
    """The market of the nearest region; a low heading that names none must stand inside a low one that does."""
    unknown = ""
    for heading in reversed(headings):
        if heading.text in REGIONS and (not unknown or heading.level >= LOW_LEVEL):
            return REGIONS[heading.text]
        if heading.level >= LOW_LEVEL:
            unknown = unknown or heading.text
    if unknown:
        raise ValueError(f"no known region above a table below {unknown!r}")
    return home


def known(known: Mapping[str, Any], text: str, what: str) -> Any:
    if text not in known:
        raise ValueError(f"unknown {what} {text!r}")
    return known[text]


def read_model(text: str) -> dict[str, Any]:
    """The id at the start of a cell and what the notes behind it say; raise for a note we do not know."""
    if text == OTHER_MODELS:
        return {"listing": text}
    match = MODEL.match(text)
    if match is None:
        raise ValueError(f"not a model's id: {text!r}")
    facts: dict[str, Any] = {"listing": match[0]}
    position = match.end()
    while position < len(text):
        note = NOTE.match(text, position)
        if note is None:
            raise ValueError(f"unknown note {text[position:].strip()!r} on a model's name")
        position = note.end()
        facts |= {"alias_of": note["alias"]} if note["alias"] else {}
        facts |= {"availability": "limited"} if note["limited"] else {}
        facts |= {"service_tier": "fast"} if note["fast"] else {}
    return facts
