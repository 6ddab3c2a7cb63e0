"""Statements in metadata: every place that is read, every generator that is known, no free text."""

from __future__ import annotations

import json

import pytest

from media_integrity.schema.findings import (
    AiOrigin,
    CredentialState,
    ProvenanceDetail,
    ProvenanceSource,
)
from media_integrity.signals.provenance import ProvenanceSignal
from tests.unit.provenance_files import (
    ARTIST,
    COM,
    DESCRIPTION,
    MAKE,
    MODEL,
    SOFTWARE,
    SOURCE_TYPE,
    USER_COMMENT,
    WEB_UI,
    XP_COMMENT,
    detail,
    exif_segment,
    gif,
    gif_comment,
    gif_xmp,
    iim_segment,
    international_text,
    jpeg,
    opened,
    packed_text,
    png,
    saved,
    text,
    tiff,
    xmp,
    xmp_segment,
)

SIGNAL = ProvenanceSignal()
NONE, COMPOSITE, GENERATED = AiOrigin.NONE, AiOrigin.COMPOSITE, AiOrigin.GENERATED


def said(data: bytes) -> ProvenanceDetail:
    return detail(SIGNAL.run(opened(data)))


def answer(data: bytes) -> tuple[AiOrigin, str | None, set[ProvenanceSource]]:
    found = said(data)
    return found.origin, found.generator, {item.source for item in found.statements}


@pytest.mark.parametrize("example", SIGNAL.examples(), ids=lambda example: example.name)
def test_examples_hold(example: object) -> None:
    from media_integrity.signals.base import Example

    assert isinstance(example, Example)
    media = opened(example.file())
    first = SIGNAL.run(media)
    assert example.holds(first)
    assert SIGNAL.run(media) == first


@pytest.mark.parametrize(
    ("data", "score"),
    [
        (png(), 0.0),
        (png(text("parameters", WEB_UI + ", Denoising strength: 0.5")), 0.5),
        (png(text("parameters", WEB_UI)), 1.0),
    ],
)
def test_score_grades_the_statement(data: bytes, score: float) -> None:
    finding = SIGNAL.run(opened(data))
    assert finding.score == score
    assert finding.probability is None


# Where a statement may stand --------------------------------------------------------------------

PLACES = {
    "PNG tEXt": (png(text("parameters", WEB_UI)), ProvenanceSource.PNG_TEXT),
    "PNG zTXt": (png(packed_text("parameters", WEB_UI.encode())), ProvenanceSource.PNG_TEXT),
    "PNG iTXt": (png(international_text("parameters", WEB_UI)), ProvenanceSource.PNG_TEXT),
    "PNG packed iTXt": (
        png(international_text("parameters", WEB_UI, packed=True)),
        ProvenanceSource.PNG_TEXT,
    ),
    "PNG text after the pixels": (
        png(after_pixels=[text("parameters", WEB_UI)]),
        ProvenanceSource.PNG_TEXT,
    ),
    "PNG eXIf": (
        png((b"eXIf", tiff({USER_COMMENT: b"ASCII\x00\x00\x00" + WEB_UI.encode()}))),
        ProvenanceSource.EXIF,
    ),
    "PNG raw profile": (
        png(
            text(
                "Raw profile type exif",
                "\nexif\n  200\n"
                + (b"Exif\x00\x00" + tiff({DESCRIPTION: WEB_UI.encode()})).hex("\n", 36),
            )
        ),
        ProvenanceSource.EXIF,
    ),
    "JPEG comment": (jpeg((COM, WEB_UI.encode())), ProvenanceSource.COMMENT),
    "JPEG user comment, UTF-16 BE": (
        jpeg(exif_segment(tiff({USER_COMMENT: b"UNICODE\x00" + WEB_UI.encode("utf-16-be")}))),
        ProvenanceSource.EXIF,
    ),
    "JPEG user comment, UTF-16 LE": (
        jpeg(exif_segment(tiff({USER_COMMENT: b"UNICODE\x00" + WEB_UI.encode("utf-16-le")}))),
        ProvenanceSource.EXIF,
    ),
    "JPEG user comment, wrongly announced": (
        jpeg(exif_segment(tiff({USER_COMMENT: b"UNICODE\x00" + WEB_UI.encode()}, order="<"))),
        ProvenanceSource.EXIF,
    ),
    "JPEG user comment, unannounced": (
        jpeg(exif_segment(tiff({USER_COMMENT: WEB_UI.encode()}))),
        ProvenanceSource.EXIF,
    ),
    "JPEG description": (
        jpeg(exif_segment(tiff({DESCRIPTION: WEB_UI.encode() + b"\x00"}))),
        ProvenanceSource.EXIF,
    ),
    "JPEG XP comment": (
        jpeg(exif_segment(tiff({XP_COMMENT: WEB_UI.encode("utf-16-le")}, order="<"))),
        ProvenanceSource.EXIF,
    ),
    "JPEG second EXIF segment": (
        jpeg(exif_segment(tiff({})), exif_segment(tiff({DESCRIPTION: WEB_UI.encode()}))),
        ProvenanceSource.EXIF,
    ),
    "JPEG XMP": (
        jpeg(xmp_segment(xmp(f"<exif:UserComment>{WEB_UI}</exif:UserComment>"))),
        ProvenanceSource.XMP,
    ),
    "GIF comment": (gif(gif_comment(WEB_UI)), ProvenanceSource.COMMENT),
    "GIF XMP": (
        gif(gif_xmp(xmp(f"<dc:description>{WEB_UI}</dc:description>"))),
        ProvenanceSource.XMP,
    ),
    "WebP EXIF": (saved("WEBP", exif=tiff({DESCRIPTION: WEB_UI.encode()})), ProvenanceSource.EXIF),
    "WebP XMP": (
        saved("WEBP", xmp=xmp(f"<dc:description>{WEB_UI}</dc:description>")),
        ProvenanceSource.XMP,
    ),
    "WebP XMP after a chunk of odd length": (
        saved(
            "WEBP",
            exif=tiff({MODEL: b"odd 5"}),
            xmp=xmp(f"<dc:description>{WEB_UI}</dc:description>"),
        ),
        ProvenanceSource.XMP,
    ),
    "AVIF EXIF": (saved("AVIF", exif=tiff({DESCRIPTION: WEB_UI.encode()})), ProvenanceSource.EXIF),
    "AVIF XMP": (
        saved("AVIF", xmp=xmp(f"<dc:description>{WEB_UI}</dc:description>")),
        ProvenanceSource.XMP,
    ),
}


@pytest.mark.parametrize(("data", "source"), PLACES.values(), ids=PLACES.keys())
def test_statement_is_found_wherever_it_stands(data: bytes, source: ProvenanceSource) -> None:
    assert answer(data) == (GENERATED, "Stable Diffusion", {source})


@pytest.mark.parametrize("data", [case[0] for case in PLACES.values()], ids=PLACES.keys())
def test_no_word_of_the_prompt_is_kept(data: bytes) -> None:
    kept = SIGNAL.run(opened(data)).model_dump_json()
    assert "Jane" not in kept
    assert "portrait" not in kept
    assert "blurry" not in kept


# What generators write --------------------------------------------------------------------------


def graph(*nodes: str) -> str:
    return json.dumps(
        {str(at): {"class_type": node, "inputs": {}} for at, node in enumerate(nodes)}
    )


def drawing(*nodes: str) -> str:
    return json.dumps({"last_node_id": 9, "nodes": [{"id": 1, "type": node} for node in nodes]})


TEXT_TO_IMAGE = ("EmptyLatentImage", "CLIPTextEncode", "KSampler", "VAEDecode", "SaveImage")
NOVEL = {"prompt": "Jane Doe", "steps": 28, "seed": 1, "uc": "", "signed_hash": "x"}
TEXTS: dict[str, tuple[bytes, AiOrigin, str | None]] = {
    "web UI with enlarging": (
        png(text("parameters", WEB_UI + ", Denoising strength: 0.4, Hires upscale: 2")),
        GENERATED,
        "Stable Diffusion",
    ),
    "web UI from a picture": (
        png(text("parameters", WEB_UI + ", Denoising strength: 0.4")),
        COMPOSITE,
        "Stable Diffusion",
    ),
    "web UI, part of a picture": (
        png(text("parameters", WEB_UI + ", Hires upscale: 2, Mask blur: 4")),
        COMPOSITE,
        "Stable Diffusion",
    ),
    "web UI form by Fooocus": (
        png(text("parameters", WEB_UI + ", Version: Fooocus v2.5.0")),
        GENERATED,
        "Fooocus",
    ),
    "ComfyUI": (png(text("prompt", graph(*TEXT_TO_IMAGE))), GENERATED, "ComfyUI"),
    "ComfyUI, drawing only": (png(text("workflow", drawing(*TEXT_TO_IMAGE))), GENERATED, "ComfyUI"),
    "ComfyUI from a picture": (
        png(text("prompt", graph("LoadImage", "VAEEncode", "KSampler"))),
        COMPOSITE,
        "ComfyUI",
    ),
    "ComfyUI steered by a picture": (
        png(text("prompt", graph("LoadImage", "ControlNetApply", *TEXT_TO_IMAGE))),
        GENERATED,
        "ComfyUI",
    ),
    "ComfyUI face swap": (
        png(text("prompt", graph("LoadImage", "ReActorFaceSwap", "SaveImage"))),
        COMPOSITE,
        "ComfyUI",
    ),
    "ComfyUI ran other nodes than are drawn": (
        png(
            text("workflow", drawing("LoadImage", "VAEEncode", *TEXT_TO_IMAGE)),
            text("prompt", graph(*TEXT_TO_IMAGE)),
        ),
        GENERATED,
        "ComfyUI",
    ),
    "ComfyUI in WebP": (
        saved("WEBP", exif=tiff({MAKE: b"prompt:" + graph(*TEXT_TO_IMAGE).encode()})),
        GENERATED,
        "ComfyUI",
    ),
    "InvokeAI": (
        png(text("invokeai_metadata", '{"generation_mode": "txt2img", "seed": 1}')),
        GENERATED,
        "InvokeAI",
    ),
    "InvokeAI in-painting": (
        png(
            text("invokeai_metadata", '{"generation_mode": "sdxl_inpaint"}'),
            text("invokeai_graph", '{"id": "x"}'),
        ),
        COMPOSITE,
        "InvokeAI",
    ),
    "InvokeAI 2": (
        png(text("sd-metadata", '{"app_id": "invoke-ai/InvokeAI", "image": {"type": "txt2img"}}')),
        GENERATED,
        "InvokeAI",
    ),
    "InvokeAI 2 from a picture": (
        png(text("sd-metadata", '{"app_id": "invoke-ai/InvokeAI", "image": {"type": "img2img"}}')),
        COMPOSITE,
        "InvokeAI",
    ),
    "InvokeAI 1": (png(text("Dream", '"a hill" -s 50 -S 1 -W 512')), GENERATED, "InvokeAI"),
    "InvokeAI 1 from a picture": (
        png(text("Dream", '"a hill" -s 50 -I in.png -f 0.5')),
        COMPOSITE,
        "InvokeAI",
    ),
    "Fooocus": (
        png(text("parameters", '{"base_model": "x"}'), text("fooocus_scheme", "fooocus")),
        GENERATED,
        "Fooocus",
    ),
    "Fooocus in JPEG": (
        jpeg(
            exif_segment(
                tiff(
                    {
                        SOFTWARE: b"Fooocus v2.5.0\x00",
                        USER_COMMENT: b'ASCII\x00\x00\x00{"metadata_scheme": "fooocus"}',
                    }
                )
            )
        ),
        GENERATED,
        "Fooocus",
    ),
    "NovelAI": (
        png(
            text("Software", "NovelAI"),
            text("Source", "NovelAI Diffusion V4.5 4BDE2A90"),
            text("Comment", json.dumps(NOVEL | {"request_type": "PromptGenerateRequest"})),
        ),
        GENERATED,
        "NovelAI",
    ),
    "NovelAI from a picture": (
        png(
            text("Software", "NovelAI"),
            text("Source", "Stable Diffusion XL 7BCCAA2C"),
            text("Comment", json.dumps(NOVEL | {"request_type": "Img2ImgRequest"})),
        ),
        COMPOSITE,
        "NovelAI",
    ),
    "NovelAI in-painting": (
        png(text("Comment", json.dumps(NOVEL | {"request_type": "NativeInfillingRequest"}))),
        COMPOSITE,
        "NovelAI",
    ),
    "SwarmUI": (
        png(text("parameters", '{"sui_image_params": {"prompt": "Jane Doe"}}')),
        GENERATED,
        "SwarmUI",
    ),
    "SwarmUI from a picture": (
        png(text("parameters", '{"sui_image_params": {"initimagecreativity": 0.6}}')),
        COMPOSITE,
        "SwarmUI",
    ),
    "Easy Diffusion": (
        png(text("use_stable_diffusion_model", "sd-v1-5")),
        GENERATED,
        "Easy Diffusion",
    ),
    "Midjourney": (
        png(
            text(
                "Description",
                "Jane Doe on a hill --v 6 Job ID: 0b8bdb9e-0a5f-4a4b-9c52-6b0f0b0d5a11",
            )
        ),
        GENERATED,
        "Midjourney",
    ),
    "xAI Grok": (
        jpeg(
            exif_segment(
                tiff(
                    {
                        DESCRIPTION: b"Signature: " + b"QUJD" * 20 + b"\x00",
                        ARTIST: b"0b8bdb9e-0a5f-4a4b-9c52-6b0f0b0d5a11\x00",
                    }
                )
            )
        ),
        GENERATED,
        "xAI Grok",
    ),
    "Ideogram": (jpeg(exif_segment(tiff({MAKE: b"Ideogram AI\x00"}))), GENERATED, "Ideogram"),
    "Draw Things": (
        saved(
            "WEBP",
            xmp=xmp(
                "<exif:UserComment>"
                '{"c":"Jane Doe","steps":8,"seed":1,"sampler":"DPM++","scale":7}'
                "</exif:UserComment>",
                xmp__CreatorTool="Draw Things",
            ),
        ),
        GENERATED,
        "Draw Things",
    ),
    "China's label in PNG": (
        png(text("AIGC", '{"Label":"1","ContentProducer":"001"}')),
        GENERATED,
        None,
    ),
    "China's label in XMP": (
        jpeg(
            xmp_segment(
                xmp(
                    "<TC260:AIGC>{&quot;Label&quot;:&quot;1&quot;,"
                    "&quot;ContentProducer&quot;:&quot;001&quot;}</TC260:AIGC>"
                )
            )
        ),
        GENERATED,
        None,
    ),
    "China's label in EXIF": (
        jpeg(
            exif_segment(
                tiff({USER_COMMENT: b'ASCII\x00\x00\x00{"AIGC":{"Label":"1","ProduceID":"x"}}'})
            )
        ),
        GENERATED,
        None,
    ),
}


@pytest.mark.parametrize(("data", "origin", "generator"), TEXTS.values(), ids=TEXTS.keys())
def test_generators_are_told_by_what_they_write(
    data: bytes, origin: AiOrigin, generator: str | None
) -> None:
    found = said(data)
    assert (found.origin, found.generator) == (origin, generator)
    assert "Jane" not in found.model_dump_json()


SILENT = {
    "Photoshop": jpeg(
        exif_segment(tiff({SOFTWARE: b"Adobe Photoshop 26.9 (Macintosh)\x00"})),
        xmp_segment(xmp(xmp__CreatorTool="Adobe Photoshop Lightroom Classic 13.0")),
    ),
    "GIMP": png(text("Software", "GIMP 2.10.36"), text("Comment", "Created with GIMP")),
    "camera": jpeg(exif_segment(tiff({MAKE: b"Canon\x00", MODEL: b"EOS R5\x00"}))),
    "a prompt that is only talked about": jpeg((COM, b"Steps: first open the door, then the box")),
    "what looks like a comment among the pixels": jpeg()[:-2]
    + jpeg((COM, WEB_UI.encode()))[2 : 2 + 4 + len(WEB_UI)]
    + jpeg()[-2:],
    "a caption that names a generator": jpeg(
        exif_segment(tiff({DESCRIPTION: b"The Midjourney office in San Francisco\x00"}))
    ),
    "a credit line that names a company": jpeg(xmp_segment(xmp(photoshop__Credit="OpenAI"))),
    "China's label for suspected content": png(text("AIGC", '{"Label":"3","ProduceID":"x"}')),
    "a signature without the picture's number": jpeg(
        exif_segment(tiff({DESCRIPTION: b"Signature: " + b"QUJD" * 20, ARTIST: b"Jane Doe\x00"}))
    ),
    "words inside other words": png(text("Software", "Kreator 1.0, Grokker")),
    "a workflow of another program": png(text("workflow", '{"nodes": [], "steps": 4}')),
}


@pytest.mark.parametrize("data", SILENT.values(), ids=SILENT.keys())
def test_editing_and_talking_are_no_statement(data: bytes) -> None:
    found = said(data)
    assert found.origin is NONE
    assert found.generator is None
    assert found.statements == ()


# IPTC and XMP -----------------------------------------------------------------------------------

SOURCE_TYPES = {
    "trainedAlgorithmicMedia": GENERATED,
    "compositeWithTrainedAlgorithmicMedia": COMPOSITE,
    "compositeSynthetic": COMPOSITE,
    "algorithmicMedia": NONE,
    "digitalCapture": NONE,
    "composite": NONE,
}


@pytest.mark.parametrize(("name", "origin"), SOURCE_TYPES.items())
@pytest.mark.parametrize("form", [SOURCE_TYPE, "https" + SOURCE_TYPE[4:], "digsrctype:", ""])
def test_iptc_source_type(name: str, origin: AiOrigin, form: str) -> None:
    found = said(jpeg(xmp_segment(xmp(Iptc4xmpExt__DigitalSourceType=form + name))))
    assert [(item.source, item.origin) for item in found.statements] == [
        (ProvenanceSource.IPTC, origin)
    ]


@pytest.mark.parametrize(
    "element",
    [
        f"<Iptc4xmpExt:DigitalSourceType>{SOURCE_TYPE}trainedAlgorithmicMedia"
        "</Iptc4xmpExt:DigitalSourceType>",
        f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{SOURCE_TYPE}trainedAlgorithmicMedia"/>',
        "<Iptc4xmpExt:DigitalSourceType><rdf:Bag><rdf:li>trainedAlgorithmicMedia</rdf:li></rdf:Bag>"
        "</Iptc4xmpExt:DigitalSourceType>",
    ],
)
def test_iptc_source_type_as_element(element: str) -> None:
    assert said(jpeg(xmp_segment(xmp(element)))).origin is GENERATED


def test_source_type_outside_the_vocabulary_says_nothing() -> None:
    assert said(jpeg(xmp_segment(xmp(Iptc4xmpExt__DigitalSourceType="madeUp")))).statements == ()


def test_credit_line_names_the_generator_of_the_source_type() -> None:
    packet = xmp(
        Iptc4xmpExt__DigitalSourceType=SOURCE_TYPE + "trainedAlgorithmicMedia",
        photoshop__Credit="Made with Google AI",
    )
    assert answer(jpeg(xmp_segment(packet))) == (
        GENERATED,
        "Google AI",
        {ProvenanceSource.IPTC, ProvenanceSource.XMP},
    )


@pytest.mark.parametrize(
    ("credit", "origin", "generator"),
    [
        ("Made with Google AI", GENERATED, "Google AI"),
        ("Edited with Google AI", COMPOSITE, "Google AI edit"),
        ("Apple Photos Clean Up", COMPOSITE, "Apple Photos Clean Up"),
        ("DALL·E 3", GENERATED, "DALL-E"),
        ("Midjourney", GENERATED, "Midjourney"),
    ],
)
def test_credit_line(credit: str, origin: AiOrigin, generator: str) -> None:
    in_xmp = jpeg(xmp_segment(xmp(photoshop__Credit=credit)))
    assert answer(in_xmp) == (origin, generator, {ProvenanceSource.XMP})
    in_iim = jpeg(iim_segment({90: "Lisbon", 110: credit}))
    assert answer(in_iim) == (origin, generator, {ProvenanceSource.IPTC})


def test_originating_program_in_iim() -> None:
    assert said(jpeg(iim_segment({65: "Adobe_Firefly"}))).generator == "Adobe Firefly"


def test_name_of_a_generator_gives_way_to_a_statement_that_only_parts_are_generated() -> None:
    packet = xmp(
        Iptc4xmpExt__DigitalSourceType=SOURCE_TYPE + "compositeWithTrainedAlgorithmicMedia",
        xmp__CreatorTool="Adobe Firefly",
    )
    found = said(jpeg(xmp_segment(packet)))
    assert found.origin is COMPOSITE
    assert found.generator == "Adobe Firefly"


def test_generator_in_the_editing_history_made_a_part() -> None:
    packet = xmp(
        '<xmpMM:History><rdf:Seq><rdf:li stEvt:action="saved" stEvt:softwareAgent="Adobe Firefly"/>'
        "</rdf:Seq></xmpMM:History>",
        xmp__CreatorTool="Adobe Photoshop 26.9",
    )
    assert answer(jpeg(xmp_segment(packet))) == (COMPOSITE, "Adobe Firefly", {ProvenanceSource.XMP})


def test_ai_system_of_iptc_2025_is_a_statement_by_itself() -> None:
    found = said(jpeg(xmp_segment(xmp(Iptc4xmpExt__AISystemUsed="Some new model 3"))))
    assert (found.origin, found.generator) == (GENERATED, None)


def test_link_to_a_remote_manifest_is_noted() -> None:
    found = said(jpeg(xmp_segment(xmp(dcterms__provenance="https://example.org/m.c2pa"))))
    assert found.credentials is CredentialState.ABSENT
    assert found.validation_codes == ("manifest.inaccessible",)
    assert "example" not in found.model_dump_json()


def test_statements_of_several_places_are_all_listed() -> None:
    data = jpeg(
        exif_segment(tiff({SOFTWARE: b"Midjourney\x00"})),
        xmp_segment(xmp(Iptc4xmpExt__DigitalSourceType=SOURCE_TYPE + "trainedAlgorithmicMedia")),
        (COM, WEB_UI.encode()),
    )
    found = said(data)
    assert [(item.source.value, item.origin, item.generator) for item in found.statements] == [
        ("exif", GENERATED, "Midjourney"),
        ("iptc", GENERATED, None),
        ("comment", GENERATED, "Stable Diffusion"),
    ]
    assert found.generator == "Midjourney"
