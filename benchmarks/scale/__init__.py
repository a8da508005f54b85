"""How searching and storing behave as a library grows; see `__main__`."""
