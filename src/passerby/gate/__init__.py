"""The only door from exact to public: mandates, privacy, releases."""
