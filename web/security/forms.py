"""The base of every form: our CSRF token, and WTForms' own messages in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from wtforms.meta import DefaultMeta

from alliance.platform.kernel.errors import AllianceError
from alliance.web.security.locale import current_locale


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """A form in the reader's language. The token is checked by `access.admit`, before a view sees the form."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        """WTForms looks its messages up in these languages; its Chinese catalogue is named `zh`."""

        cache_translations: ClassVar[bool] = True

        @property
        def locales(self) -> list[str]:
            """The reader's language as WTForms names it."""
            return ["zh"] if current_locale() == "zh_CN" else ["en"]

        def get_translations(self, form: Any) -> Any:
            """WTForms' own catalogues, not a Flask extension's."""
            return DefaultMeta.get_translations(self, form)


def add_refusal(form: Form, refused: AllianceError, *, names: Mapping[str, str] | None = None) -> None:
    """Put a refusal of the rooms below at the field it names, or over the whole form; `names` are theirs to ours."""
    text = refused.message.render(current_locale())
    named = refused.field[-1] if refused.field else ""
    field = form._fields.get((names or {}).get(named, named))
    if field is None:
        form.form_errors.append(text)
    else:
        field.errors = [*field.errors, text]


def safe_next(target: str | None, fallback: str = "/") -> str:
    """`target` if it is a path of this site, else `fallback`: no scheme, no host, no `//`, no backslash, no control."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    if "\\" in target or any(ord(sign) < 33 or ord(sign) == 127 for sign in target):
        return fallback
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else fallback
