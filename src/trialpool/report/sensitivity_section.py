"""Does the conclusion depend on a choice? Verdict first, then plot and table."""

from __future__ import annotations

from collections.abc import Iterator

from trialpool.display import format_number, format_p_value, format_percent
from trialpool.plots.forest_words import level_text
from trialpool.report.document import (
    Block,
    Cell,
    Column,
    Details,
    Inline,
    Inlines,
    Notice,
    Row,
    RowGroup,
    Section,
    Table,
    cell,
    inlines,
)
from trialpool.report.material import Material, drawing
from trialpool.report.slugs import unique_slugs
from trialpool.report.wording import effect_text, sentence
from trialpool.sensitivity import Alternative, SensitivityTable

__all__ = ["sensitivity_section", "verdict_badge"]

_CONCLUSIONS = {"lower": "below no difference", "higher": "above no difference", "uncertain": "includes no difference"}


def verdict_badge(table: SensitivityTable) -> Inline:
    """The verdict at a glance."""
    if not table.rows:
        return Inline("does not arise", "badge")
    if not any(row.pooled for row in table.rows if not row.is_reference):
        return Inline("no alternative", "badge", tone="caution")
    if table.depends:
        return Inline("depends", "badge", tone="alarm")
    return Inline("does not depend", "badge", tone="good")


def sensitivity_section(material: Material) -> Section | None:
    """A section with a part per choice; None where there is no pooled result to vary."""
    tables = material.result.sensitivity
    if not tables:
        return None
    anchor = f"{material.anchor}-sensitivity"
    anchors = unique_slugs(table.name for table in tables)
    parts = tuple(
        Section(
            f"{anchor}-{name}",
            table.name,
            tuple(_blocks(material, table, f"{anchor}-{name}-table")),
            badges=(verdict_badge(table),),
        )
        for table, name in zip(tables, anchors, strict=True)
    )
    return Section(anchor, "Does the conclusion depend on a choice?", (), parts)


def _blocks(material: Material, table: SensitivityTable, table_id: str) -> Iterator[Block]:
    tone = "alarm" if table.depends else "good" if table.rows else "neutral"
    yield Notice("Verdict", inlines(sentence(table.verdict)), tone)  # type: ignore[arg-type]
    if not table.rows:
        return
    title = f"{material.result.spec.title}: {table.name[0].lower()}{table.name[1:]}"
    figure = material.figure("sensitivity", table.name)
    if figure:
        yield drawing(material, figure, f"{title}.")
    yield Details("These numbers as a table, with p, τ² and I²", (_table(material, table, title, table_id),))


def _table(material: Material, table: SensitivityTable, title: str, table_id: str) -> Table:
    request = material.result.spec.request
    measures = {row.pooled.request.measure for row in table.rows if row.pooled}
    measure = f"{request.measure[0].upper()}{request.measure[1:]}" if len(measures) == 1 else "Effect"
    columns = (
        Column("Choice"),
        Column(f"{measure} ({level_text(request)} CI)", "right"),
        Column("p", "right"),
        Column("τ²", "right"),
        Column("I²", "right"),
        Column("Studies", "right"),
        Column("The interval"),
    )
    return Table(table_id, title, columns, (RowGroup(tuple(_row(row, table) for row in table.rows)),))


def _row(row: Alternative, table: SensitivityTable) -> Row:
    label: Inlines = inlines(Inline(row.label, "strong"), " (reference)") if row.is_reference else inlines(row.label)
    if row.pooled is None:
        return Row((Cell((label,)), cell(f"not estimable: {row.reason}", columns=6)))
    h, reference = row.pooled.heterogeneity, table.rows[0].conclusion
    conclusion = inlines(_CONCLUSIONS[row.conclusion or "uncertain"])
    if row.conclusion != reference:
        conclusion += inlines(" ", Inline("differs", "badge", tone="alarm"))
    return Row(
        (
            Cell((label,)),
            cell(effect_text(row.pooled)),
            cell(format_p_value(row.pooled.p_value)),
            cell(format_number(h.tau2, 3) if h and h.tau2 is not None else ""),
            cell(format_percent(h.i2, 0) if h and h.i2 is not None else ""),
            cell(str(row.pooled.k_informative)),
            Cell((conclusion,)),
        )
    )
