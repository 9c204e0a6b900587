"""The parts of a page that folium joins: a map without remote files, and layers of units.

branca renders what a macro returns as a template once more, so a name like ``{{ x }}`` in the data
would be run. Whatever comes from data therefore stands in :class:`Plain`, which is never read as a
template, and scripts find it there by a key.
"""

from __future__ import annotations

import json
from typing import Any

from branca.element import Element, Figure, MacroElement
from folium import Map
from folium.map import Layer
from folium.template import Template
from jinja2 import Template as PlainTemplate

DATA_ID = "report-data"


class Plain(Element):
    """Text that stands in the page as it is."""

    _template = PlainTemplate("{{ this.text }}")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OfflineMap(Map):
    """folium's map without the scripts and styles that it would fetch from elsewhere."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 - folium's own way
    default_css: list[tuple[str, str]] = []  # noqa: RUF012 - as above
    _template = Template(
        """
        {% macro html(this, kwargs) %}
        <div class="folium-map" id={{ this.get_name()|tojson }}></div>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {
            center: {{ this.location|tojson }},
            ...{{ this.options|tojavascript }}
        });
        {% endmacro %}
        """
    )

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(tiles=None, **options)
        self._id = name


class Units(Layer):
    """A layer of coloured units; the page's script draws it from the data under ``key``."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = report.makeUnits({{ this.key|tojson }});
        {% endmacro %}
        """
    )

    def __init__(self, key: str, name: str, *, show: bool) -> None:
        super().__init__(name=name, overlay=False, show=show)
        self._name, self._id, self.key = "Units", key.replace("-", "_"), key


class Names(Layer):
    """Outlines and names of streets; the page's script draws them."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        const {{ this.get_name() }} = report.makeStreets();
        {% endmacro %}
        """
    )

    def __init__(self, name: str) -> None:
        super().__init__(name=name, overlay=True)
        self._name, self._id = "Names", "streets"


class Start(MacroElement):
    """The last script: joins map, control, legends and tables."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        report.start({{ this._parent.get_name() }}, {{ this.control }});
        {% endmacro %}
        """
    )

    def __init__(self, control: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's own
        self.control = control


class Panels(MacroElement):
    """Markup that stands behind the map."""

    def __init__(self, markup: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # branca's own
        self._markup = markup

    def render(self, **kwargs: Any) -> str:
        """Put the markup into the page as it is; return nothing to be read as a template."""
        del kwargs
        figure = self.get_root()
        if not isinstance(figure, Figure):
            raise AssertionError("panels stand in a figure")
        figure.html.add_child(Plain(self._markup), name=self.get_name())
        return ""


def pack(data: object) -> str:
    """Return JSON that may stand in a script element: no tag in a text can end or open one."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (
        text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
        .replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )  # fmt: skip
