"""``passerby bench edge``: what a camera costs, as ratios against a naive pipeline of the same run."""
