"""How long things take: ``python -m benchmarks [NAME…] [--json FILE]``, also as ``./dev bench``."""
