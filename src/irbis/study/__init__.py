"""The deck's classification experiment on the user's own pictures: what helps, and what does not."""
