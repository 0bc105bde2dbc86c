"""Pictures as arrays: decoding, flips, superpixels, pixel vectors."""
