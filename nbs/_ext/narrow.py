"""A drawing of boxes as a telephone shows it: the same boxes and arrows, laid out anew."""
import ast

from litoptim.lab.plots import PHONE, show_narrow

MARGIN = 15.                                    # of a picture, left and right together, in points


def asked(code):
    "What a cell of literal assignments hands to `show_boxes`: its arguments, and those with a name."
    names = {}
    def value(node): return names[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign): names[node.targets[0].id] = value(node.value)
        call = getattr(node, "value", None)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "show_boxes":
            return [*map(value, call.args)], {k.arg: value(k.value) for k in call.keywords}
    raise ValueError(f"no call of show_boxes in {code}")


def narrow(code, width):
    "The narrow form, as SVG, of the drawing of this width in points that a cell makes; '' if a telephone has room for it."
    if width <= PHONE + MARGIN: return ""
    given, named = asked(code)
    return show_narrow(*given, **named)._repr_svg_()
