"""From a URL to drafts, carefully. Knows readers (`index.articles`), but neither models nor storage."""
