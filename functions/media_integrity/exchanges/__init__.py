"""Hashes from elsewhere and back: exchanges of hashes of abuse, and files of them."""
