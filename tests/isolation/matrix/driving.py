"""The drives of the routes' matrix: each answers what is wrong, so that tests can also see it fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Flask
from isolation.matrix.browsers import Browser, open_browser, open_visitor, text_of
from isolation.matrix.owners import Party
from isolation.matrix.routes import QUERY, UNSAFE, Route
from isolation.matrix.state import changes, state_of
from werkzeug.test import TestResponse

from alliance.platform.kernel.services import Services
from alliance.web.security.access import Access, access_of

REFUSALS = (303, 404, 422)


@dataclass(frozen=True)
class Drive:
    """The application with its routes, driven by `actor` against `victim`."""

    app: Flask
    services: Services
    routes: Sequence[Route]
    victim: Party
    actor: Party

    def pages(self) -> list[Route]:
        """The routes that only read."""
        return [route for route in self.routes if route.method not in UNSAFE]

    def changing(self, spared: set[str]) -> list[Route]:
        """The routes that change something."""
        return [route for route in self.routes if route.method in UNSAFE and route.endpoint not in spared]

    def shown(self, answer: TestResponse, said: list[str]) -> list[str]:
        """What of the victim's an answer shows that the request did not say itself."""
        return self.victim.found_in(text_of(answer, said))


def showing(drive: Drive) -> list[str]:
    """Pages with the victim's ids in address and query: 404 where they name a thing, and nothing of the victim's."""
    browser = open_browser(drive.app, drive.services, drive.actor)
    asked = {name: str(value(drive.victim)) for name, value in QUERY.items()}
    faults = []
    for route in drive.pages():
        address, said = route.address(drive.app, drive.victim)
        for query in ({}, asked):
            answer = browser.send("GET", address, query_string=query)
            if shown := drive.shown(answer, [*said, *query.values()]):
                faults.append(f"{route} shows {shown}")
            if answer.status_code >= 500:
                faults.append(f"{route} fails with {answer.status_code}")
            if route.owned and answer.status_code != 404:
                faults.append(f"{route} answers {answer.status_code} to another shop's {route.owned}, not 404")
    return faults


def telling(drive: Drive) -> list[str]:
    """Pages that answer differently for another shop's thing and for one that does not exist."""
    browser = open_browser(drive.app, drive.services, drive.actor)
    faults = []
    for route in (route for route in drive.pages() if route.owned):
        answers = []
        for whose in (drive.victim, None):
            address, said = route.address(drive.app, whose)
            answer = browser.send("GET", address)
            answers.append((answer.status_code, text_of(answer, said)))
        if answers[0] != answers[1]:
            faults.append(f"{route} tells another shop's {route.owned} from one that does not exist")
            print(difference(*(f"{status} {text}" for status, text in answers)))
    return faults


def difference(first: str, second: str) -> str:
    """Where two answers part, for whoever has to mend the route."""
    place = next((i for i, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0)
    return f"…{first[max(0, place - 80) : place + 80]}… against …{second[max(0, place - 80) : place + 80]}…"


def seeing(drive: Drive) -> tuple[list[str], set[str]]:
    """The actor on its own pages: what fails, and which pages show its own marks."""
    browser = open_browser(drive.app, drive.services, drive.actor)
    faults, seen = [], set()
    for route in drive.pages():
        address, said = route.address(drive.app, drive.actor)
        answer = browser.send("GET", address)
        if route.owned and answer.status_code not in (200, 286):
            faults.append(f"{route} answers its own shop {answer.status_code}")
        if drive.actor.found_in(text_of(answer, said)):
            seen.add(route.endpoint)
    return faults, seen


def changing(drive: Drive, *, spared: set[str]) -> list[str]:
    """Changing routes with the victim's ids: refused as for nobody's, showing nothing, changing nothing."""
    faults = []
    for route in drive.changing(spared):
        before = state_of(drive.services, drive.victim)
        answers = []
        for whose in (drive.victim, None):
            browser = open_browser(drive.app, drive.services, drive.actor)
            answer, said = _submit(drive, browser, route, whose)
            if shown := drive.shown(answer, said):
                faults.append(f"{route} shows {shown}")
            if answer.status_code >= 500:
                faults.append(f"{route} fails with {answer.status_code}")
            answers.append(answer.status_code)
        if route.owned and (answers[0] != answers[1] or answers[0] not in REFUSALS):
            faults.append(f"{route} answers {answers} to another shop's {route.owned} and to nobody's")
        if changed := changes(before, state_of(drive.services, drive.victim)):
            faults.append(f"{route} changes {changed} of another shop")
    return faults


def entering(drive: Drive) -> list[str]:
    """Every route as nobody: to the log-in or 401, changing routes without a token 400, and nothing changes."""
    faults = []
    before = state_of(drive.services, drive.victim)
    for route in drive.routes:
        access = access_of(drive.app, route.endpoint)
        if route.method in UNSAFE:
            answer, said = _submit(drive, open_visitor(drive.app), route, drive.victim)
        else:
            address, said = route.address(drive.app, drive.victim)
            answer = open_visitor(drive.app).send(route.method, address)
        if shown := drive.shown(answer, said):
            faults.append(f"{route} shows {shown} to nobody")
        if not _refuses(route, access, answer):
            faults.append(f"{route} answers a visitor {answer.status_code}")
    if changed := changes(before, state_of(drive.services, drive.victim)):
        faults.append(f"a visitor changes {changed}")
    return faults


def forging(drive: Drive) -> list[str]:
    """Changing routes of the victim's own session without its token, as another site would send them: 400."""
    browser = open_browser(drive.app, drive.services, drive.victim)
    before = state_of(drive.services, drive.victim)
    faults = []
    for route in drive.changing(set()):
        answer, _said = _submit(drive, Browser(browser.client, ""), route, drive.victim)
        if answer.status_code != 400:
            faults.append(f"{route} takes a request without a token: {answer.status_code}")
    if changed := changes(before, state_of(drive.services, drive.victim)):
        faults.append(f"requests without a token change {changed}")
    return faults


def _submit(drive: Drive, browser: Browser, route: Route, whose: Party | None) -> tuple[TestResponse, list[str]]:
    address, said = route.address(drive.app, whose)
    fields: dict[str, Any] = route.form(drive.victim)
    answer = browser.send(route.method, address, data=fields)
    return answer, [*said, *(str(value) for value in fields.values())]


def _refuses(route: Route, access: Access | None, answer: TestResponse) -> bool:
    if access is None:
        return False
    if access.public:
        return route.method not in UNSAFE or answer.status_code == 400
    to_login = answer.status_code in (302, 303) and "/login" in answer.headers.get("Location", "")
    return to_login or answer.status_code == 401
