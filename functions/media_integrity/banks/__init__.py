"""The upkeep of hash banks: who adds what, who doubts it, what follows for what is published."""
