"""The matrix of tables fails when a table is not isolated: each fault is planted in a throwaway database."""

from __future__ import annotations

import pytest
from isolation.matrix.scratch import Scratch
from isolation.matrix.tables import Probe, leaks

from alliance.migrations.metadata import METADATA
from alliance.platform.kernel import rls

RULE = rls.tenant_rule()
SUPPLIER = METADATA.tables["tenants.supplier"]
BATCH = METADATA.tables["tenants.batch"]
MENDED = f"ALTER POLICY scope ON tenants.supplier USING ({RULE}) WITH CHECK ({RULE})"
FAULTS = {
    "policy dropped": (
        "DROP POLICY scope ON tenants.supplier; ALTER TABLE tenants.supplier DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE tenants.supplier ENABLE ROW LEVEL SECURITY;"
        f"CREATE POLICY scope ON tenants.supplier USING ({RULE}) WITH CHECK ({RULE})",
        "another shop reads the row",
    ),
    "policy gone, security on": (
        "DROP POLICY scope ON tenants.supplier",
        f"CREATE POLICY scope ON tenants.supplier USING ({RULE}) WITH CHECK ({RULE})",
        "the victim's own row is missing, so nothing is tested",
    ),
    "force off and the app made owner": (
        "ALTER TABLE tenants.supplier NO FORCE ROW LEVEL SECURITY; ALTER TABLE tenants.supplier OWNER TO {app}",
        "ALTER TABLE tenants.supplier OWNER TO {migrator}; ALTER TABLE tenants.supplier FORCE ROW LEVEL SECURITY;"
        "GRANT SELECT, INSERT, UPDATE, DELETE ON tenants.supplier TO {app}",
        "another shop reads the row",
    ),
    "open to read": (
        f"ALTER POLICY scope ON tenants.supplier USING (true) WITH CHECK ({RULE})",
        MENDED,
        "another shop reads the row",
    ),
    "open to write": (
        f"ALTER POLICY scope ON tenants.supplier USING ({RULE}) WITH CHECK (true)",
        MENDED,
        "a row can be moved into another shop",
    ),
    "open where nothing is set": (
        f"ALTER POLICY scope ON tenants.supplier USING ({RULE} OR {rls.setting('shop_id')} IS NULL)",
        MENDED,
        "an unset scope sees rows",
    ),
    "unique over all shops": (
        "ALTER TABLE tenants.supplier ADD CONSTRAINT leak UNIQUE (name)",
        "ALTER TABLE tenants.supplier DROP CONSTRAINT leak",
        "a clash with another shop's row is told: 23505",
    ),
    "truncate granted": (
        "GRANT TRUNCATE ON tenants.supplier TO {app}",
        "REVOKE TRUNCATE ON tenants.supplier FROM {app}",
        "TRUNCATE is possible",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_matrix_reports(scratch: Scratch, name: str):
    fault, mend, report = FAULTS[name]
    victim, neighbour, _stranger = scratch.parties
    probe = Probe(scratch.services, SUPPLIER, victim, neighbour)
    with scratch.broken(fault, mend):
        assert report in " ".join(leaks(probe))
    assert leaks(probe) == []


def test_the_matrix_reports_a_reference_without_the_shop(scratch: Scratch):
    victim, neighbour, _stranger = scratch.parties
    probe = Probe(scratch.services, BATCH, victim, neighbour)
    fault = (
        "ALTER TABLE tenants.supplier ADD CONSTRAINT leak UNIQUE (id);"
        "ALTER TABLE tenants.batch DROP CONSTRAINT fk_batch_shop_id_supplier_id_supplier,"
        " ADD CONSTRAINT fk_batch_shop_id_supplier_id_supplier FOREIGN KEY (supplier_id)"
        " REFERENCES tenants.supplier (id)"
    )
    mend = (
        "ALTER TABLE tenants.batch DROP CONSTRAINT fk_batch_shop_id_supplier_id_supplier;"
        "ALTER TABLE tenants.supplier DROP CONSTRAINT leak; ALTER TABLE tenants.batch"
        " ADD CONSTRAINT fk_batch_shop_id_supplier_id_supplier FOREIGN KEY (shop_id, supplier_id)"
        " REFERENCES tenants.supplier (shop_id, id)"
    )
    with scratch.broken(fault, mend):
        assert "supplier_id tells whether another shop's row exists: [1, '23503']" in " ".join(leaks(probe))
    assert leaks(probe) == []
