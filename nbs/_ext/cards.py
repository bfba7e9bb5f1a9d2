"""The map of the book: for each chapter its first picture and what its title says, a part of the book in a row.

The pictures are those that the notebooks store; they are written beside the site's other images."""
import html, json


def picture(nb):
    "The first picture that a notebook stores, as SVG, a figure rather than a drawing of boxes; '' if it has none."
    cells = [c for c in nb["cells"] if c["cell_type"] == "code"]
    figures = [c for c in cells if "show_boxes(" not in "".join(c["source"])]
    outputs = (o.get("data", {}) for cell in [*figures, *cells] for o in cell["outputs"])
    return next(("".join(data["image/svg+xml"]) for data in outputs if "image/svg+xml" in data), "")


def card(path, images, legible):
    "A link to a chapter, with its picture; '' if it has none."
    nb = json.loads(path.read_text(encoding="utf-8"))
    title, colon, about = nb["cells"][0]["source"][0].strip("# \n").partition(":")
    if not (drawing := picture(nb)): return ""
    (images/f"card-{path.stem}.svg").write_text(legible(drawing), encoding="utf-8")
    words = f"<b>{html.escape(title)}{colon}</b> {html.escape(about.strip())}"
    return f'<a class="chapter" href="{path.stem}.html"><img src="_images/card-{path.stem}.svg" alt="A figure of {html.escape(title)}"/><span>{words}</span></a>'


def cards(parts, images, legible):
    "The map as HTML. parts: name of a part -> the paths of its chapters."
    images.mkdir(parents=True, exist_ok=True)
    def row(name, paths): return f'<p class="part">{name}</p><div class="chapters">{"".join(card(p, images, legible) for p in paths)}</div>'
    return "".join(row(name, paths) for name, paths in parts.items())
