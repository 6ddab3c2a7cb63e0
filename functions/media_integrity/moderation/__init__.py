"""What a moderator decides on a case: to take it, to let its upload through, to uphold it."""
