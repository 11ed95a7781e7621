"""Customers as the members of their shop see them."""
