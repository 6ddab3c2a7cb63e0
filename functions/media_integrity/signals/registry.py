"""Every signal of the pipeline, in the order of running: cheap before dear."""

from __future__ import annotations

from .base import Signals
from .compression import CompressionSignal
from .document.signal import DocumentSignal
from .face_manipulation import FaceManipulationSignal
from .faces import FacesSignal
from .identity.references import NoReferences, References, VoiceReferences
from .identity_morphing import IdentityMorphingSignal
from .metadata import MetadataSignal
from .nudity import NuditySignal
from .nudity_synthesis import NuditySynthesisSignal
from .provenance.signal import ProvenanceSignal
from .synthetic_image import SyntheticImageSignal
from .text.signal import TextSignal
from .video.signal import VideoSignal
from .voice.signal import VoiceSignal


def all_signals(
    references: References | None = None, voices: VoiceReferences | None = None
) -> Signals:
    """One of each. Made without cost: models are loaded when a signal first runs.

    ``references``, ``voices``: the protected people whom faces, and voices, are compared with;
    nobody if None.
    """
    return Signals(
        pictures=(
            ProvenanceSignal(),
            MetadataSignal(),
            FacesSignal(),
            NuditySignal(),
            TextSignal(),
            DocumentSignal(),
            CompressionSignal(),
            FaceManipulationSignal(),
            SyntheticImageSignal(),
            VideoSignal(),
        ),
        sounds=(VoiceSignal(voices),),
        fusing=(
            IdentityMorphingSignal(references or NoReferences()),
            NuditySynthesisSignal(),
        ),
    )
