"""Who made what the shop sells, batch by batch."""
