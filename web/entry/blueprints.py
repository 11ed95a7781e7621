"""Every blueprint of the application, in one list; `app.create_app` puts the access check in front of each."""

from __future__ import annotations

from alliance.web.api import graphiql, graphql, health, uploads
from alliance.web.member import (
    account,
    files,
    import_files,
    imports,
    jobs,
    login,
    orders,
    products,
    returns,
    settings,
    workbench,
)

BLUEPRINTS = (
    login.blueprint,
    workbench.blueprint,
    returns.blueprint,
    orders.blueprint,
    products.blueprint,
    imports.blueprint,
    import_files.blueprint,
    settings.blueprint,
    account.blueprint,
    files.blueprint,
    jobs.blueprint,
    uploads.blueprint,
    graphql.blueprint,
    graphiql.blueprint,
    health.blueprint,
)
