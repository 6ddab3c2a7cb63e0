"""The upkeep of hash banks: who adds what, who doubts it, and what follows for what is published."""
