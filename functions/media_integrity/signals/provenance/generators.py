"""What generators write into the files that they make.

Two kinds of traces: a name in a field meant for the software, looked up in ``generators.toml``; and
parameters of the generation, told by the shape that each program gives them. Only the tool's own
name ever leaves this module: prompts and other free text are looked at and dropped.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from media_integrity.schema.findings import AiOrigin

_TABLE = Path(__file__).with_name("generators.toml")
_MAX_NAME = 400
"""Characters of a field looked at for a tool's name."""


STRENGTH: Mapping[AiOrigin, int] = {
    AiOrigin.NONE: 0,
    AiOrigin.COMPOSITE: 1,
    AiOrigin.GENERATED: 2,
}
"""Which of several statements of origin counts."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement that a tool made the picture, or parts of it."""

    origin: AiOrigin
    generator: str | None = None
    implied: bool = False
    """From what the tool usually does or was drawn up to do, not from what it did."""


def _generated(name: str | None = None) -> Claim:
    return Claim(AiOrigin.GENERATED, name)


def _composite(name: str | None = None) -> Claim:
    return Claim(AiOrigin.COMPOSITE, name)


# Names ------------------------------------------------------------------------------------------

_BETWEEN_WORDS = re.compile(r"[\W_]+")


@cache
def _phrases(*, credit: bool) -> tuple[tuple[str, Claim], ...]:
    """Phrases, padded with spaces, longest first."""
    found: dict[str, Claim] = {}
    for tool in tomllib.loads(_TABLE.read_text("utf-8"))["tool"]:
        origin = AiOrigin(tool["origin"])
        claim = Claim(origin, tool["name"], implied=origin is AiOrigin.GENERATED)
        places = ("anywhere",) if credit else ("anywhere", "software")
        for phrase in (phrase for place in places for phrase in tool.get(place, ())):
            found[f" {phrase} "] = claim
    return tuple(sorted(found.items(), key=lambda item: -len(item[0])))


def by_name(text: str, *, credit: bool = False) -> Claim | None:
    """The generator named in a field for software, or in one for a ``credit`` line."""
    words = f" {_BETWEEN_WORDS.sub(' ', text[:_MAX_NAME]).casefold().strip()} "
    for phrase, claim in _phrases(credit=credit):
        if phrase in words:
            return claim
    return None


# IPTC digital source type -----------------------------------------------------------------------

_SOURCE_TYPES = {
    "trainedalgorithmicmedia": AiOrigin.GENERATED,
    "trainedalgorithmicdata": AiOrigin.GENERATED,
    "compositewithtrainedalgorithmicmedia": AiOrigin.COMPOSITE,
    "compositesynthetic": AiOrigin.COMPOSITE,
}
_OTHER_SOURCE_TYPES = frozenset(
    {
        "algorithmicallyenhanced",
        "algorithmicmedia",
        "composite",
        "compositecapture",
        "computationalcapture",
        "datadrivenmedia",
        "digitalart",
        "digitalcapture",
        "digitalcreation",
        "humanedits",
        "minorhumanedits",
        "multiframecomputationalcapture",
        "negativefilm",
        "positivefilm",
        "print",
        "screencapture",
        "softwareimage",
        "virtualrecording",
    }
)


def by_source_type(value: str) -> AiOrigin | None:
    """What a digital source type says; None for a value outside the vocabulary.

    Source: https://cv.iptc.org/newscodes/digitalsourcetype/. The vocabulary's address, its short
    form ``digsrctype:…`` and the bare name are all met in files. ``algorithmicMedia`` is made by a
    formula, not by a trained model.
    """
    name = re.split(r"[/:#]", value.strip()[:200])[-1].casefold()
    if name in _OTHER_SOURCE_TYPES:
        return AiOrigin.NONE
    return _SOURCE_TYPES.get(name)


# Parameters -------------------------------------------------------------------------------------


def by_text(text: str) -> Claim | None:
    """The generator whose parameters ``text`` holds, wherever in a file it stood."""
    for reader in _TEXT_SHAPES if '"' not in text else _SHAPES:
        claim = reader(text)
        if claim is not None:
            return claim
    return None


def by_png_text(key: str, text: str) -> Claim | None:
    """The generator that writes a PNG text under ``key`` with this content."""
    if key in _NAMES:
        return by_name(text) or by_text(text)
    reader = _KEYS.get(key.casefold())
    if reader is not None:
        return reader(text)
    return by_text(text)


def xai_signature(description: str, artist: str) -> Claim | None:
    """xAI Grok writes no name but always this pair: a signature and the picture's number."""
    if _XAI_SIGNATURE.match(description) and _UUID.fullmatch(artist.strip()):
        return _generated("xAI Grok")
    return None


_UUID_PATTERN = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UUID = re.compile(_UUID_PATTERN)
_XAI_SIGNATURE = re.compile(r"\s*Signature:\s{0,4}[A-Za-z0-9+/]{40}")


def _key(name: str) -> str:
    """Pattern of a JSON member, also inside a JSON string, where quotes are escaped.

    It begins with a fixed character because that is what makes a search fast.
    """
    return rf'"{name}\\?"\s{{0,4}}:\s{{0,4}}'


# Stable Diffusion web UI and all that copies its form: settings in one line after the prompt.
_WEB_UI = re.compile(r"Steps: ?\d{1,5},[^\n]{0,20000}")
_WEB_UI_SETTING = re.compile(r"\b(?:Sampler|Seed|CFG scale|Distilled CFG Scale|Model hash): ?\S")
_INPAINTED = re.compile(r"\b(?:Mask blur|Masked area padding|Inpaint area|Masked content):")
_DENOISED = re.compile(r"(?:^|, ?)Denoising strength:")
_ENLARGED = re.compile(r"\b(?:Hires [a-zA-Z ]{2,20}|First pass size|Hires\. fix):")
_MAX_SETTINGS = 16


def _web_ui(text: str) -> Claim | None:
    for count, found in enumerate(_WEB_UI.finditer(text)):
        settings = found[0]
        if count >= _MAX_SETTINGS:
            return None
        if len(_WEB_UI_SETTING.findall(settings)) < 2:  # one may be chance
            continue
        named = re.search(r"\b(?:Version|App): ?(ComfyUI|SD\.Next|Fooocus)", settings)
        name = "Stable Diffusion" if named is None or named[1] == "SD.Next" else named[1]
        # Without enlarging, a denoising strength means that a picture went in.
        from_picture = _DENOISED.search(settings) and not _ENLARGED.search(settings)
        if from_picture or _INPAINTED.search(settings):
            return _composite(name)
        return _generated(name)
    return None


# ComfyUI: the graph as executed ("class_type") or as drawn ("type" of "nodes").
_EXECUTED = re.compile(_key("class_type") + r'\\?"([^"\\]{1,100})')
_DRAWN = re.compile(_key("type") + r'\\?"([^"\\]{1,100})')
_IS_DRAWN = re.compile(_key("last_link_id") + "|" + _key("last_node_id"))
_LOADS_PICTURE = re.compile(r"load_?image", re.IGNORECASE)
_ENCODES = re.compile(r"VAEEncode|InpaintModelConditioning|SetLatentNoiseMask")
_SAMPLES = re.compile(r"sampler", re.IGNORECASE)


def _comfy(text: str) -> Claim | None:
    nodes = set(_EXECUTED.findall(text))
    executed = bool(nodes)
    if not executed and _IS_DRAWN.search(text):
        nodes = set(_DRAWN.findall(text))
    if not nodes:
        return None
    loads = any(_LOADS_PICTURE.search(node) for node in nodes)
    encodes = any(_ENCODES.search(node) for node in nodes)
    samples = any(_SAMPLES.search(node) for node in nodes)
    # A picture that goes in is a start only when it becomes a latent, or when nothing is sampled
    # (face swaps, enlarging); otherwise it steers (ControlNet, IP-Adapter) a new picture.
    from_picture = loads and (encodes or not samples)
    origin = AiOrigin.COMPOSITE if from_picture else AiOrigin.GENERATED
    return Claim(origin, "ComfyUI", implied=not executed)  # nodes may be drawn and not used


_INVOKE = re.compile(
    _key("app_id") + r'\\?"invoke-ai/|' + _key("generation_mode") + "|" + _key("core_metadata")
)
_INVOKE_PICTURE = re.compile(
    _key("generation_mode") + r'\\?"\w{0,20}(?:img2img|inpaint|outpaint)|'
    + _key("type") + r'\\?"(?:img2img|inpaint|outpaint)|'
    + _key("init_image_path") + r'\\?"|' + _key("init_mask") + r'\\?"'
)  # fmt: skip


def _invoke(text: str) -> Claim | None:
    return _invoke_key(text) if _INVOKE.search(text) else None


def _invoke_key(text: str) -> Claim:
    return (_composite if _INVOKE_PICTURE.search(text) else _generated)("InvokeAI")


_DREAM_PICTURE = re.compile(r"\s(?:-I|-M|--init_img|--init_mask)[\s=]")


def _dream(text: str) -> Claim:
    """InvokeAI's command line of 2022."""
    return (_composite if _DREAM_PICTURE.search(text) else _generated)("InvokeAI")


_NOVEL = re.compile(_key("(?:Software|Source)") + r'\\?"NovelAI|' + _key("signed_hash"))
_NOVEL_PICTURE = re.compile(
    _key("request_type") + r'\\?"\w{0,30}(?:img2img|image2image|infill|inpaint)', re.IGNORECASE
)


def _novel(text: str) -> Claim | None:
    if not _NOVEL.search(text):
        return None
    return (_composite if _NOVEL_PICTURE.search(text) else _generated)("NovelAI")


_FOOOCUS = re.compile(
    _key("metadata_scheme") + r'\\?"(?:fooocus|a1111|simple)|' + _key("version") + r'\\?"Fooocus'
)
_SWARM = re.compile(_key("sui_image_params"))
_SWARM_PICTURE = re.compile(r'"(?:init_?image|mask_?image)\w{0,30}"')
_EASY = re.compile(_key("use_stable_diffusion_model") + "|" + _key("Stable Diffusion model"))
_EASY_PICTURE = re.compile(_key("(?:init_image|mask)") + r'\\?"|' + _key("prompt_strength"))


def _fooocus(text: str) -> Claim | None:
    return _generated("Fooocus") if _FOOOCUS.search(text) else None


def _swarm(text: str) -> Claim | None:
    if not _SWARM.search(text):
        return None
    return (_composite if _SWARM_PICTURE.search(text) else _generated)("SwarmUI")


def _easy(text: str) -> Claim | None:
    if not _EASY.search(text):
        return None
    return (_composite if _EASY_PICTURE.search(text) else _generated)("Easy Diffusion")


_MIDJOURNEY = re.compile(r"Job ID: ?" + _UUID_PATTERN)


def _midjourney(text: str) -> Claim | None:
    return _generated("Midjourney") if _MIDJOURNEY.search(text) else None


# GB 45438-2025: 1 = generated, 2 = may be, 3 = suspected. Only the first is the maker's statement.
_CHINA_LABEL = re.compile(_key("Label") + r'(?:\\?")?1\b')
_CHINA_FIELDS = re.compile(_key("(?:ContentProducer|ProduceID|ContentPropagator|AIGC)"))


def _china_label(text: str) -> Claim | None:
    return _generated() if _CHINA_LABEL.search(text) and _CHINA_FIELDS.search(text) else None


# Any other program that leaves the parameters of a diffusion model as JSON.
_DIFFUSION = tuple(
    re.compile(_key(name))
    for name in (
        r"(?:num_inference_)?steps",
        r"seed",
        r"sampler(?:_?name|_?index)?",
        r"(?:cfg|cfg_?scale|cfgScale|guidance|guidance_?scale|scale)",
    )
)
_SOFTWARE = re.compile(_key("[sS]oftware") + r'\\?"([^"\\]{1,100})')


def _diffusion(text: str) -> Claim | None:
    if not all(pattern.search(text) for pattern in _DIFFUSION):
        return None
    named = _SOFTWARE.search(text)
    return (named and by_name(named[1])) or _generated()


_TEXT_SHAPES: tuple[Callable[[str], Claim | None], ...] = (_web_ui, _midjourney)
_SHAPES = (
    *_TEXT_SHAPES,
    _comfy,
    _invoke,
    _novel,
    _swarm,
    _fooocus,
    _easy,
    _china_label,
    _diffusion,
)

_NAMES = frozenset({"Software", "Source", "CreatorTool", "Generator"})
_KEYS: Mapping[str, Callable[[str], Claim | None]] = {
    "dream": _dream,
    "sd-metadata": _invoke_key,
    "invokeai_metadata": _invoke_key,
    "invokeai_graph": _invoke_key,
    "invokeai_workflow": _invoke_key,
    "fooocus_scheme": lambda _: _generated("Fooocus"),
    "use_stable_diffusion_model": lambda _: _generated("Easy Diffusion"),
    "stable diffusion model": lambda _: _generated("Easy Diffusion"),
    "generation_data": lambda text: by_text(text) or _generated("Tensor.Art"),
}
