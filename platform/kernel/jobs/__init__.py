"""Background work: registered functions, a row each time one is asked for, and workers that run them."""
