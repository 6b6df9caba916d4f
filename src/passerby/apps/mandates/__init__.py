"""A mandate on its way: written, read in plain words, signed, handed in."""
