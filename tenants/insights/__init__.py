"""What the shop learns from its own rows. Figures only; never a customer."""
