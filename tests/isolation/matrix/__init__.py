"""The two-shop matrix: whatever one shop has, driven as another shop, must answer as if it were not there.

Tables, routes, GraphQL fields, mutations, jobs and files are discovered, never listed. What cannot be derived stands in
one registry per kind (`rows.VALUES`, `routes.ARGUMENTS`, ...); a new thing that needs an entry fails with what to add.
"""
