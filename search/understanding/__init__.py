"""What people mean by the text that they type: operators, and words for dates. Text in, choices out."""
