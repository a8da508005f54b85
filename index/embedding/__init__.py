"""Models: where their weights come from and how text becomes vectors. Knows no articles and no storage."""
