"""Actions: what people are asked to do, by whom, until when, in both languages."""
