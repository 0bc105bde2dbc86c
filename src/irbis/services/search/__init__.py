"""Pictures by a word: Bing's contract, open providers, and the download."""
