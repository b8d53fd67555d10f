"""Styles, icons and scripts: what a colour or a name must keep."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

import chuan
from chuan.core.ui.status import in_order
from chuan.core.ui.storage import StaticStorage

SOURCE = Path(chuan.__file__).parent
STATIC = SOURCE / "core" / "ui" / "static"
TOKENS = (STATIC / "ui/css/tokens.css").read_text()
STYLES = (STATIC / "ui/css/chuan.css").read_text()
ICONS = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "ui/img/icons.svg").read_text()))
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))


def block(selector):
    inside = TOKENS.partition(selector + " {")[2].partition("}")[0]
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", inside))


LIGHT = block(":root")
DARK = LIGHT | block(':root[data-theme="dark"]')


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_dark_of_the_system_and_the_dark_of_a_person_are_the_same():
    assert block(':root:not([data-theme="light"])') == block(':root[data-theme="dark"]')
    assert len(block(':root[data-theme="dark"]')) > 30


TEXT = [
    *product(["ink", "ink-2", "ink-3", "accent"], ["page", "surface", "sunken", "hover"]),
    ("accent", "accent-soft"),
    ("accent-2", "accent-soft"),
    ("on-accent", "accent"),
    ("on-accent", "accent-2"),
    ("ink", "mark"),
    *((tone, f"{tone}-soft") for tone in ("ok", "warn", "bad", "info")),
    *product(["bad", "warn"], ["page", "surface"]),
]
SHAPES = [
    *((f"{tone}-fill", "surface") for tone in ("ok", "warn", "bad", "info", "mute", "accent")),
    ("control", "page"),
    ("control", "surface"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT, ids=lambda x: x)
def test_text_can_be_read_on_its_ground(theme, ink, ground):
    tokens = LIGHT if theme == "light" else DARK
    assert contrast(tokens[f"--{ink}"], tokens[f"--{ground}"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES, ids=lambda x: x)
def test_shapes_and_borders_of_controls_can_be_seen(theme, shape, ground):
    tokens = LIGHT if theme == "light" else DARK
    assert contrast(tokens[f"--{shape}"], tokens[f"--{ground}"]) >= 3


def test_every_token_a_style_uses_exists():
    used = set(re.findall(r"var\((--[\w-]+)", STYLES + TOKENS))
    assert used - set(LIGHT) == set()


def test_styles_use_nothing_the_oldest_browsers_do_not_know():
    assert not re.search(r"color-mix|light-dark\(|@container|@layer|&[\s.:#\[]", STYLES + TOKENS)


def test_every_file_a_style_names_is_there():
    for name in re.findall(r'url\("([^"]+)"\)', TOKENS + STYLES):
        assert (STATIC / "ui/css" / name).resolve().is_file(), name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: f"{t.parent.name}/{t.name}")
def test_every_icon_a_template_names_is_in_the_sprite(template):
    named = set(re.findall(r'{% icon "([^"]+)"', template.read_text()))
    named |= set(
        re.findall(r'{% empty_state [^%]*?" "([a-z0-9-]+)" ?[^%]*%}', template.read_text())
    )
    assert named - ICONS == set()


def test_every_status_has_its_icon():
    assert {status.icon for status in in_order()} - ICONS == set()


def test_every_icon_a_program_names_is_in_the_sprite():
    named = set()
    for program in SOURCE.rglob("*.py"):
        if "/tests/" not in program.as_posix():
            named |= set(re.findall(r'\bicon(?:_name)?="([a-z0-9-]+)"', program.read_text()))
            named |= set(
                re.findall(
                    r'Item\(\s*Section\.\w+,\s*_?\(?"[^"]+"\)?,\s*"([a-z0-9-]+)"',
                    program.read_text(),
                )
            )
    assert named - ICONS == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: f"{t.parent.name}/{t.name}")
def test_every_static_file_a_template_names_exists(template):
    for name in re.findall(r"""{% static ['"]([^'"]+)['"]""", template.read_text()):
        assert finders.find(name), name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: f"{t.parent.name}/{t.name}")
def test_no_template_carries_a_style_or_a_script_of_its_own(template):
    text = template.read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: f"{t.parent.name}/{t.name}")
def test_every_form_that_changes_something_carries_its_token(template):
    for form in re.findall(
        r"<form[^>]*method=\"post\".*?</form>", template.read_text(), re.DOTALL | re.IGNORECASE
    ):
        assert "{% csrf_token %}" in form


STYLED = {
    name
    for sheet in SOURCE.rglob("static/**/*.css")
    for name in re.findall(r"\.([a-zA-Z][\w-]*)", sheet.read_text())
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda t: f"{t.parent.name}/{t.name}")
def test_every_class_a_template_uses_is_styled(template):
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\x00", template.read_text())
    used = {name for names in re.findall(r'class="([^"]*)"', text) for name in names.split()}
    assert {name for name in used if "\x00" not in name} - STYLED == set()


def test_scripts_of_our_own_stay_small():
    scripts = (STATIC / "ui/js").glob("*.js")
    assert sum(len(script.read_bytes()) for script in scripts) < 40_000


def test_a_file_missing_from_the_manifest_keeps_its_plain_name(tmp_path):
    storage = StaticStorage(location=tmp_path, base_url="/static/")
    assert storage.stored_name("ui/css/chuan.css") == "ui/css/chuan.css"
    storage.hashed_files = {"ui/css/chuan.css": "ui/css/chuan.0123456789ab.css"}
    assert storage.stored_name("ui/css/chuan.css") == "ui/css/chuan.0123456789ab.css"
    assert storage.stored_name("ui/css/other.css") == "ui/css/other.css"


def test_collected_files_have_hashed_names_and_compressed_copies(tmp_path, settings):
    from django.core.management import call_command  # noqa: PLC0415

    settings.STATIC_ROOT = tmp_path
    call_command("collectstatic", interactive=False, verbosity=0)
    names = {
        path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()
    }
    assert any(re.fullmatch(r"ui/css/chuan\.[0-9a-f]{12}\.css", name) for name in names)
    assert any(re.fullmatch(r"ui/css/chuan\.[0-9a-f]{12}\.css\.gz", name) for name in names)
    tokens = next(tmp_path.glob("ui/css/tokens.*.css")).read_text()
    assert re.search(r"be-vietnam-pro-latin-400-normal\.[0-9a-f]{12}\.woff2", tokens)
