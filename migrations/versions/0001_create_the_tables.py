"""Create the tables."""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from portal.models.guards import refuse_if_trail_holds_leaves

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_log_head_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_head")),
    )
    op.create_table(
        "log_leaf",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("iseq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_log_leaf")),
        sa.UniqueConstraint("leaf_hash", name=op.f("uq_log_leaf_leaf_hash")),
        sa.UniqueConstraint("scope", "iseq", name=op.f("uq_log_leaf_scope_iseq")),
    )
    op.create_table(
        "log_opening",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("seq", "field", name=op.f("pk_log_opening")),
    )
    op.create_table(
        "login_throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_throttle")),
        sa.UniqueConstraint("key", name=op.f("uq_login_throttle_key")),
    )
    op.create_table(
        "scope_head",
        sa.Column("scope", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_scope_head")),
    )
    op.create_table(
        "unit",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("path LIKE '/%/'", name=op.f("ck_unit_path_form")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 32", name=op.f("ck_unit_code_length")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("code", name=op.f("uq_unit_code")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
    )
    op.create_table(
        "user",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deactivated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_email_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "invitation",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_invitation_user_id_user"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
    )
    op.create_index(op.f("ix_invitation_user_id"), "invitation", ["user_id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_login_session_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_login_session_token_sha256")),
    )
    op.create_index(op.f("ix_login_session_user_id"), "login_session", ["user_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "uploader",
                "area_coordinator",
                "tpi_member",
                "tpi_lead",
                "auditor",
                "leader",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("area_code", sa.String(length=8), nullable=True),
        sa.Column("below", sa.Boolean(), nullable=False),
        sa.Column("restricted", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.String(length=80), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_membership_ended_complete")),
        sa.CheckConstraint("valid_until IS NULL OR valid_until >= valid_from", name=op.f("ck_membership_window_order")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_membership_unit_id_unit"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_membership_user_id_user"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_unit_id"), "membership", ["unit_id"], unique=False)
    op.create_index(op.f("ix_membership_user_id"), "membership", ["user_id"], unique=False)
    op.create_table(
        "plan",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("decree_number", sa.String(length=100), nullable=False),
        sa.Column("decree_date", sa.Date(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("place", sa.String(length=100), nullable=False),
        sa.Column("signatory", sa.String(length=200), nullable=False),
        sa.Column("lateness_from", sa.Date(), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("year BETWEEN 2000 AND 2100", name=op.f("ck_plan_year_range")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_plan_unit_id_unit"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("unit_id", "year", name=op.f("uq_plan_unit_id_year")),
    )
    op.create_table(
        "stored_file",
        sa.Column("uploader_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("object_key", sa.String(length=200), nullable=False),
        sa.Column("version_id", sa.String(length=200), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("crc32 BETWEEN 0 AND 4294967295", name=op.f("ck_stored_file_crc32_range")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_stored_file_sha256_length")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_stored_file_size_positive")),
        sa.ForeignKeyConstraint(
            ["uploader_id"], ["user.id"], name=op.f("fk_stored_file_uploader_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("object_key", name=op.f("uq_stored_file_object_key")),
    )
    op.create_index(op.f("ix_stored_file_sha256"), "stored_file", ["sha256"], unique=False)
    op.create_index(op.f("ix_stored_file_uploader_id"), "stored_file", ["uploader_id"], unique=False)
    op.create_table(
        "area",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("official_name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_area_plan_id_plan"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_area_plan_id_code")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_area_plan_id_position")),
    )
    op.create_table(
        "bundle",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("area_code", sa.String(length=8), nullable=True),
        sa.Column("indicator_code", sa.String(length=24), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("sealed_by", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("log_size", sa.BigInteger(), nullable=False),
        sa.Column("log_root", sa.String(length=64), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("heads_sha256", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_bundle_size_positive")),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_bundle_membership_id_membership"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_bundle_plan_id_plan"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["sealed_by"], ["user.id"], name=op.f("fk_bundle_sealed_by_user"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bundle")),
    )
    op.create_index(op.f("ix_bundle_plan_id"), "bundle", ["plan_id"], unique=False)
    op.create_index(op.f("ix_bundle_sealed_by"), "bundle", ["sealed_by"], unique=False)
    op.create_table(
        "review_tier",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "uploader",
                "area_coordinator",
                "tpi_member",
                "tpi_lead",
                "auditor",
                "leader",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("quorum", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "role IN ('area_coordinator', 'tpi_member', 'tpi_lead')", name=op.f("ck_review_tier_role_decides")
        ),
        sa.CheckConstraint("quorum BETWEEN 1 AND 9", name=op.f("ck_review_tier_quorum_range")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_review_tier_plan_id_plan"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_tier")),
        sa.UniqueConstraint("plan_id", "position", name=op.f("uq_review_tier_plan_id_position")),
    )
    op.create_table(
        "bundle_member",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("path", sa.String(length=250), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("object_key", sa.String(length=200), nullable=False),
        sa.Column("version_id", sa.String(length=200), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_member_bundle_id_bundle"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_bundle_member_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("bundle_id", "position", name=op.f("pk_bundle_member")),
        sa.UniqueConstraint("bundle_id", "path", name=op.f("uq_bundle_member_bundle_id_path")),
    )
    op.create_table(
        "component",
        sa.Column("area_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("fk_component_area_id_area"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_component")),
        sa.UniqueConstraint("area_id", "number", name=op.f("uq_component_area_id_number")),
    )
    op.create_table(
        "indicator",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("component_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("evidence_text", sa.Text(), nullable=False),
        sa.Column("target_text", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("suspicion", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["component_id"], ["component.id"], name=op.f("fk_indicator_component_id_component"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_indicator_plan_id_plan"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("component_id", "seq", name=op.f("uq_indicator_component_id_seq")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_indicator_plan_id_code")),
    )
    op.create_table(
        "requirement",
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "classification",
            sa.Enum(
                "biasa",
                "terbatas",
                "rahasia",
                name="classification",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["indicator_id"], ["indicator.id"], name=op.f("fk_requirement_indicator_id_indicator"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("indicator_id", "position", name=op.f("uq_requirement_indicator_id_position")),
    )
    op.create_table(
        "evidence",
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["requirement_id"],
            ["requirement.id"],
            name=op.f("fk_evidence_requirement_id_requirement"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["user.id"], name=op.f("fk_evidence_started_by_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_requirement_id"), "evidence", ["requirement_id"], unique=False)
    op.create_table(
        "slot",
        sa.Column("requirement_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("pic_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["pic_id"], ["user.id"], name=op.f("fk_slot_pic_id_user"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["requirement.id"], name=op.f("fk_slot_requirement_id_requirement"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot")),
        sa.UniqueConstraint("requirement_id", "month", name=op.f("uq_slot_requirement_id_month")),
    )
    op.create_index(op.f("ix_slot_due_on"), "slot", ["due_on"], unique=False)
    op.create_index(op.f("ix_slot_pic_id"), "slot", ["pic_id"], unique=False)
    op.create_table(
        "revision",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "returned",
                "rejected",
                "withdrawn",
                "reopened",
                "discarded",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("digest_salt", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'discarded') "
            "OR (digest IS NOT NULL AND submitted_by IS NOT NULL AND submitted_at IS NOT NULL)",
            name=op.f("ck_revision_submitted_complete"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck_revision_number_positive")),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["user.id"], name=op.f("fk_revision_drafted_by_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_revision_evidence_id_evidence"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["user.id"], name=op.f("fk_revision_submitted_by_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("evidence_id", "number", name=op.f("uq_revision_evidence_id_number")),
    )
    op.create_index("ix_revision_state_submitted_at", "revision", ["state", "submitted_at"], unique=False)
    op.create_index(
        "uq_revision_open_per_evidence",
        "revision",
        ["evidence_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('draft', 'submitted')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted')"),
    )
    op.create_table(
        "bundle_revision",
        sa.Column("bundle_id", sa.Uuid(), nullable=False),
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bundle_id"], ["bundle.id"], name=op.f("fk_bundle_revision_bundle_id_bundle"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_bundle_revision_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("bundle_id", "revision_id", name=op.f("pk_bundle_revision")),
    )
    op.create_index(op.f("ix_bundle_revision_revision_id"), "bundle_revision", ["revision_id"], unique=False)
    op.create_table(
        "slot_claim",
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_slot_claim_evidence_id_evidence"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_claim_slot_id_slot"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_slot_claim")),
    )
    op.create_index(op.f("ix_slot_claim_evidence_id"), "slot_claim", ["evidence_id"], unique=False)
    op.create_table(
        "contributor",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_contributor_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_contributor_user_id_user"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("revision_id", "user_id", name=op.f("pk_contributor")),
    )
    op.create_index(op.f("ix_contributor_user_id"), "contributor", ["user_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "approve", "return", "reject", name="verdict", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "incomplete",
                "unreadable",
                "wrong_document",
                "wrong_period",
                "not_signed",
                "link_unreachable",
                "personal_data_visible",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("revision_digest", sa.String(length=64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "verdict = 'approve' OR (reason IS NOT NULL AND length(note) > 0)",
            name=op.f("ck_decision_refusal_explained"),
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"], ["membership.id"], name=op.f("fk_decision_membership_id_membership"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["user.id"], name=op.f("fk_decision_reviewer_id_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_decision_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("revision_id", "reviewer_id", name=op.f("uq_decision_revision_id_reviewer_id")),
    )
    op.create_index(op.f("ix_decision_reviewer_id"), "decision", ["reviewer_id"], unique=False)
    op.create_table(
        "reopening",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("reopened_by", sa.Uuid(), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(note) > 0", name=op.f("ck_reopening_explained")),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_reopening_membership_id_membership"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["reopened_by"], ["user.id"], name=op.f("fk_reopening_reopened_by_user"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_reopening_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("revision_id", name=op.f("pk_reopening")),
    )
    op.create_table(
        "revision_file",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_revision_file_file_id_stored_file"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_file_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("revision_id", "file_id", name=op.f("pk_revision_file")),
        sa.UniqueConstraint("revision_id", "position", name=op.f("uq_revision_file_revision_id_position")),
    )
    op.create_index(op.f("ix_revision_file_file_id"), "revision_file", ["file_id"], unique=False)
    op.create_table(
        "revision_link",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_link_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision_link")),
        sa.UniqueConstraint("revision_id", "position", name=op.f("uq_revision_link_revision_id_position")),
    )
    op.create_table(
        "revision_slot",
        sa.Column("revision_id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["revision_id"], ["revision.id"], name=op.f("fk_revision_slot_revision_id_revision"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slot.id"], name=op.f("fk_revision_slot_slot_id_slot"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("revision_id", "slot_id", name=op.f("pk_revision_slot")),
    )
    op.create_index(op.f("ix_revision_slot_slot_id"), "revision_slot", ["slot_id"], unique=False)
    op.execute(
        # The head of the empty tree: size 0, no subtrees, root SHA-256 of nothing (RFC 6962 section 2.1).
        sa.table(
            "log_head",
            sa.column("id", sa.Integer),
            sa.column("size", sa.BigInteger),
            sa.column("frontier", sa.LargeBinary),
            sa.column("root", sa.LargeBinary),
        )
        .insert()
        .values(id=1, size=0, frontier=b"", root=sha256(b"").digest())
    )


def downgrade() -> None:
    refuse_if_trail_holds_leaves(op.get_bind())
    op.drop_index(op.f("ix_revision_slot_slot_id"), table_name="revision_slot")
    op.drop_table("revision_slot")
    op.drop_table("revision_link")
    op.drop_index(op.f("ix_revision_file_file_id"), table_name="revision_file")
    op.drop_table("revision_file")
    op.drop_table("reopening")
    op.drop_index(op.f("ix_decision_reviewer_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_contributor_user_id"), table_name="contributor")
    op.drop_table("contributor")
    op.drop_index(op.f("ix_slot_claim_evidence_id"), table_name="slot_claim")
    op.drop_table("slot_claim")
    op.drop_index(op.f("ix_bundle_revision_revision_id"), table_name="bundle_revision")
    op.drop_table("bundle_revision")
    op.drop_index(
        "uq_revision_open_per_evidence",
        table_name="revision",
        sqlite_where=sa.text("state IN ('draft', 'submitted')"),
        postgresql_where=sa.text("state IN ('draft', 'submitted')"),
    )
    op.drop_index("ix_revision_state_submitted_at", table_name="revision")
    op.drop_table("revision")
    op.drop_index(op.f("ix_slot_pic_id"), table_name="slot")
    op.drop_index(op.f("ix_slot_due_on"), table_name="slot")
    op.drop_table("slot")
    op.drop_index(op.f("ix_evidence_requirement_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_table("requirement")
    op.drop_table("indicator")
    op.drop_table("component")
    op.drop_table("bundle_member")
    op.drop_table("review_tier")
    op.drop_index(op.f("ix_bundle_sealed_by"), table_name="bundle")
    op.drop_index(op.f("ix_bundle_plan_id"), table_name="bundle")
    op.drop_table("bundle")
    op.drop_table("area")
    op.drop_index(op.f("ix_stored_file_uploader_id"), table_name="stored_file")
    op.drop_index(op.f("ix_stored_file_sha256"), table_name="stored_file")
    op.drop_table("stored_file")
    op.drop_table("plan")
    op.drop_index(op.f("ix_membership_user_id"), table_name="membership")
    op.drop_index(op.f("ix_membership_unit_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_index(op.f("ix_login_session_user_id"), table_name="login_session")
    op.drop_table("login_session")
    op.drop_index(op.f("ix_invitation_user_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_table("user")
    op.drop_table("unit")
    op.drop_table("scope_head")
    op.drop_table("login_throttle")
    op.drop_table("log_opening")
    op.drop_table("log_leaf")
    op.drop_table("log_head")
