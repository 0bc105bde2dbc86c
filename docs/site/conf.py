"""Sphinx: settings of the site. How it is built: build.py."""

from __future__ import annotations

from typing import Any

from pyspark.ml.param import Param

import irbis
from irbis.params import HasParams

project = "irbis"
copyright = "the irbis authors; Apache-2.0"
version = release = irbis.__version__
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
root_doc = "index"
language = "en"
default_role = "literal"  # docstrings write names in single backticks
highlight_language = "text"

myst_heading_anchors = 3  # links to headings, as GitHub has them

# Every link to a public name must lead somewhere. Types in signatures are words, not links.
nitpicky = True
nitpick_ignore_regex = [("py:.*", rf"(?!irbis\.({'|'.join(irbis.__all__)})$).*")]
suppress_warnings = ["ref.python"]  # "rows", as a type, is an attribute of several classes
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "irbis"
html_static_path = ["static"]
html_css_files = ["irbis.css"]
html_favicon = "static/mark.svg"
html_logo = "static/mark.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "sidebar_hide_name": False,
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#1c5d99",
        "color-brand-content": "#1c5d99",
        "color-brand-visited": "#5b4a8a",
    },
    "dark_css_variables": {
        "color-brand-primary": "#7fb8ee",
        "color-brand-content": "#7fb8ee",
        "color-brand-visited": "#b7a6e6",
    },
}
copybutton_exclude = ".linenos, .gp, .go"


#: What a stage writes: shown where it is explained, in Stage and StreamStage.
_CONTRACT = {
    "input_columns",
    "needed_columns",
    "output_columns",
    "output_fields",
    "output_schema",
    "make_function",
    "make_stream_function",
    "files",
    "aggregate_table",
    "aggregate_spark",
}


def _signature(_app: Any, kind: str, _name: str, value: Any, *_rest: Any) -> tuple[str, str] | None:
    """Params are listed below with their defaults; the constructor takes them by name."""
    declared = kind == "class" and isinstance(value, type) and issubclass(value, HasParams)
    return ("(**params)", "") if declared else None


def _skip(_app: Any, _kind: str, name: str, value: Any, skip: bool, _options: Any) -> bool | None:
    """Params, with the setters and getters made of them, are in the class's own list."""
    made = getattr(value, "__module__", "") == "irbis.params" and name[:3] in ("set", "get")
    home = str(getattr(value, "__module__", ""))
    written = name in _CONTRACT and not home.startswith(("irbis.stage", "irbis.adapters"))
    return True if made or written or isinstance(value, Param) else skip


def _finish(app: Any, page: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
    """The first page has a style of its own; the sidebar's headings lack a level that readers need."""
    sidebar = context.get("furo_navigation_tree", "")
    levelled = sidebar.replace('role="heading"', 'role="heading" aria-level="2"')
    context["furo_navigation_tree"] = levelled
    if page == "index":
        app.add_css_file("landing.css")


def setup(app: Any) -> None:
    """Connect the three."""
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-skip-member", _skip)
    app.connect("html-page-context", _finish, priority=900)  # after Furo
