"""The read compiler: a validated selection becomes one SQL statement whose JSON is the answer.

What a field stands for is declared with the field (`engine.fields`); nothing here knows a type by name. A part that
cannot be compiled, or not with full certainty that the executor would answer the same, is left to the executor.
"""
