"""Was a screenshot, a scan or a page tampered with?

``page`` says whether the picture is a document and cuts its lines into words; ``words`` measures
each word; ``neighbours`` finds the words that differ from those like them; ``signal`` sums up.
"""

from .signal import DocumentSignal

__all__ = ["DocumentSignal"]
