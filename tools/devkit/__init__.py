"""The development tools behind ``./dev``: environment, models, local stack, demo.

Modules that run before the virtual environment exists (everything but ``samples`` and ``demo``) use
the standard library only.
"""
