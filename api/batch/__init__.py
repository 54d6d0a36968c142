"""A folder of clips on many machines: listed, put on the queue a few at a time, waited for, and collected."""
