"""From bytes to articles and passages. Knows neither models (`index.embedding`) nor storage (`index.library`)."""
