"""Opening files that a stranger sent: what they are, whether they may be opened, what they show."""
