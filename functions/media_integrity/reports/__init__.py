"""Reports of abuse, and what follows from each."""
