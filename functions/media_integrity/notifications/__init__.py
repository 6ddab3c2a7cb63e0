"""How effects that were written down get out: to people, accounts, counters and moderators."""
