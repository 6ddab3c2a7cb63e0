"""What the people in a picture say to its publication."""
