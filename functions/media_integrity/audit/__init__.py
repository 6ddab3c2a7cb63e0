"""Who did what: entries in hash chains, written in the transaction that does it."""
