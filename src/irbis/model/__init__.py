"""Networks: where they come from, how they run, what they make of a picture."""
