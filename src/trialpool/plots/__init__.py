"""Plots: layout as data first, drawing last."""

from trialpool.plots.bubble import BubbleLayout, bubble, bubble_layout, bubble_scene
from trialpool.plots.figure import Figure
from trialpool.plots.fonts import font_face_css
from trialpool.plots.forest_content import ForestLabels
from trialpool.plots.forest_data import ForestData, ForestGroup, Interaction
from trialpool.plots.forest_plot import forest, forest_layout, forest_scene, forest_svg
from trialpool.plots.funnel import FunnelLayout, funnel, funnel_layout, funnel_scene
from trialpool.plots.layout import ForestLayout
from trialpool.plots.sensitivity import sensitivity_layout, sensitivity_plot
from trialpool.plots.styles import STYLES, StyleName

__all__ = [
    "STYLES",
    "BubbleLayout",
    "Figure",
    "ForestData",
    "ForestGroup",
    "ForestLabels",
    "ForestLayout",
    "FunnelLayout",
    "Interaction",
    "StyleName",
    "bubble",
    "bubble_layout",
    "bubble_scene",
    "font_face_css",
    "forest",
    "forest_layout",
    "forest_scene",
    "forest_svg",
    "funnel",
    "funnel_layout",
    "funnel_scene",
    "sensitivity_layout",
    "sensitivity_plot",
]
