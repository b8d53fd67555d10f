"""What the documents say: the consolidated report for each reader, and the letter that urges.

Everything is read from the frozen snapshot of the consolidation and from the department's texts,
so two documents made from it can only differ in whom they speak to.
"""
