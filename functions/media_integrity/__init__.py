"""Media Integrity Engine: judges every upload before anybody sees it.

Packages import downwards only (``pyproject.toml``, import-linter):
api > scanning > decision > signals > matching > fingerprints > media > cloud > schema.
"""
