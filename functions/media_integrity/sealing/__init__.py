"""Secrets at rest: envelope encryption of what nobody reads but by a function, with a trace."""
