"""How good is each detector, on whoever's files? The library behind ``./dev eval``.

docs/evaluation.md says how to use it and what each number means. Nothing here runs in production.
"""
