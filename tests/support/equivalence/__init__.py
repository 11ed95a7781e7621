"""Comparing the two ways in which reads are answered: data, documents, and how answers are held against each other."""
