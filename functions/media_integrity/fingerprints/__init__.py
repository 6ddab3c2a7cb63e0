"""What identifies a file and what it shows: hashes of its bytes, of its views and of its film."""
