"""How our own weights are made: ``python -m training``. Nothing in production imports this."""
