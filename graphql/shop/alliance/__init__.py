"""The alliance as its members see it: no row of any shop."""
