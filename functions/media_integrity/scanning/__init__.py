"""From an uploaded object to a filed verdict.

``engine`` judges bytes and knows no Firebase; ``intake``, ``worker``, ``filing`` and ``sweep``
carry an upload through it: recorded once, worked on by one, filed in one transaction.
"""
