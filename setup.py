"""Maps the six rooms of the repository root into the one package `alliance`.

The rooms themselves carry no `__init__.py`: two of their names belong to others (`platform` to the standard
library, `graphql` to graphql-core), and a namespace portion never wins over a real module.
"""

from setuptools import find_namespace_packages, setup

ROOMS = ("platform", "tenants", "anonymize", "graphql", "web", "migrations")
FILES = [
    "*.html",
    "*.txt",
    "*.css",
    "*.js",
    "*.svg",
    "*.po",
    "*.graphql",
    "*.json",
    "*.mako",
    "*.lua",
    "*.conf",
    "*.md",
]


def packages() -> list[str]:
    """Every sub-package of every room, under its name in the package `alliance`."""
    found = [f"alliance.{room}" for room in ROOMS]
    for room in ROOMS:
        found += [f"alliance.{room}.{name}" for name in find_namespace_packages(room)]
    return found


setup(
    packages=packages(),
    package_dir={f"alliance.{room}": room for room in ROOMS},
    package_data={"": FILES},
)
