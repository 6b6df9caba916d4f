"""The nouns: frozen values that the stages hand to each other. One noun a file; numpy only."""
