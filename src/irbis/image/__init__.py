"""Pictures as arrays: decoding, operations, variants, superpixels, pixel vectors, hashes."""
