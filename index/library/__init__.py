"""Where articles, passages and vectors are kept and searched. Knows vectors and passages, but no model."""
