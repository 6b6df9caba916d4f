"""Object or ask: anybody may contest a number or a mandate, or ask about it; request and answer are public.

The texts stay off the log. A leaf holds the hash of a text with a random salt: whoever has both can prove that they
were not changed, and a text that was withheld cannot be guessed from its hash.
"""
