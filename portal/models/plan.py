"""The action plan as adopted: plan, its review tiers, and the levels area, component, indicator, requirement, all
texts verbatim.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db import Base, code_enum
from portal.domain.classification import Classification
from portal.domain.roles import Role
from portal.models.identity import Identified
from portal.models.slot import Slot
from portal.models.unit import Unit


class Plan(Identified, Base):
    """One unit's plan of one year. Slots due before `lateness_from` are never late (the decree's date by default)."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("unit_id", "year"),
        CheckConstraint("year BETWEEN 2000 AND 2100", name="year_range"),
    )

    unit_id: Mapped[UUID] = mapped_column(ForeignKey("unit.id", ondelete="RESTRICT"))
    year: Mapped[int]
    title: Mapped[str] = mapped_column(Text)
    decree_number: Mapped[str] = mapped_column(String(100))
    decree_date: Mapped[date]
    issuer: Mapped[str] = mapped_column(String(300))
    place: Mapped[str] = mapped_column(String(100))
    signatory: Mapped[str] = mapped_column(String(200))
    lateness_from: Mapped[date]
    document_sha256: Mapped[str] = mapped_column(String(64))

    unit: Mapped[Unit] = relationship()
    areas: Mapped[list[Area]] = relationship(back_populates="plan", order_by="Area.position")
    tiers: Mapped[list[ReviewTier]] = relationship(order_by="ReviewTier.position")


class ReviewTier(Identified, Base):
    """One step of the plan's review, in order from position 0."""

    __tablename__ = "review_tier"
    __table_args__ = (
        UniqueConstraint("plan_id", "position"),
        CheckConstraint("quorum BETWEEN 1 AND 9", name="quorum_range"),
        CheckConstraint(
            "role IN ('area_coordinator', 'tpi_member', 'tpi_lead')",
            name="role_decides",
        ),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"))
    position: Mapped[int]
    role: Mapped[Role] = mapped_column(code_enum(Role, "role"))
    quorum: Mapped[int]


class Area(Identified, Base):
    """`name` is the plan's own wording; `official_name` the area's name in Permen PANRB 90/2021."""

    __tablename__ = "area"
    __table_args__ = (
        UniqueConstraint("plan_id", "code"),
        UniqueConstraint("plan_id", "position"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(Text)
    official_name: Mapped[str] = mapped_column(Text)

    plan: Mapped[Plan] = relationship(back_populates="areas")
    components: Mapped[list[Component]] = relationship(back_populates="area", order_by="Component.number")


class Component(Identified, Base):
    __tablename__ = "component"
    __table_args__ = (UniqueConstraint("area_id", "number"),)

    area_id: Mapped[UUID] = mapped_column(ForeignKey("area.id", ondelete="RESTRICT"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(Text)

    area: Mapped[Area] = relationship(back_populates="components")
    indicators: Mapped[list[Indicator]] = relationship(back_populates="component", order_by="Indicator.seq")


class Indicator(Identified, Base):
    """`code` is area, component and number, for instance `II.1.3`. `actions` holds one step a line, as the plan
    numbers them.

    `suspicion` is what the admin should ask the office about, for instance a target in another year; the text itself
    stays.
    """

    __tablename__ = "indicator"
    __table_args__ = (
        UniqueConstraint("component_id", "seq"),
        UniqueConstraint("plan_id", "code"),
    )

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"))
    component_id: Mapped[UUID] = mapped_column(ForeignKey("component.id", ondelete="RESTRICT"))
    seq: Mapped[int]
    code: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(Text)
    actions: Mapped[str] = mapped_column(Text)
    evidence_text: Mapped[str] = mapped_column(Text)
    target_text: Mapped[str] = mapped_column(Text)
    note: Mapped[str | None] = mapped_column(Text)
    suspicion: Mapped[str | None] = mapped_column(Text)

    component: Mapped[Component] = relationship(back_populates="indicators")
    requirements: Mapped[list[Requirement]] = relationship(back_populates="indicator", order_by="Requirement.position")


class Requirement(Identified, Base):
    """One evidence item ("bukti fisik") that an indicator asks for."""

    __tablename__ = "requirement"
    __table_args__ = (UniqueConstraint("indicator_id", "position"),)

    indicator_id: Mapped[UUID] = mapped_column(ForeignKey("indicator.id", ondelete="RESTRICT"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    classification: Mapped[Classification] = mapped_column(code_enum(Classification, "classification"))

    indicator: Mapped[Indicator] = relationship(back_populates="requirements")
    slots: Mapped[list[Slot]] = relationship(order_by=Slot.month)
