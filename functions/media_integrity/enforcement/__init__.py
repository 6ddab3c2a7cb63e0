"""What violations bring an account: strikes, restrictions, bans, and their undoing."""
