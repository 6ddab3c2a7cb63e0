"""What identifies a file and what it shows: SHA-256 of its bytes, PDQ of its views."""
