"""The shop's customers: contacts sealed under a key of their own, found through keyed indexes."""
