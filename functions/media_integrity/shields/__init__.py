"""A person's protection against media made of them."""
