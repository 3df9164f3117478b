"""Fills in a node's own HTML forms, as a person without JavaScript would."""

import re
from urllib.parse import parse_qs, urljoin, urlparse

import requests
from bs4 import BeautifulSoup

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


def fields_of(form):
    """What the form would send if nobody touched it; its buttons apart."""
    fields = []
    for field in form.find_all(["input", "textarea", "select"]):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or kind in ("submit", "button", "file"):
            continue
        if kind in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            options = field.find_all("option")
            chosen = [o for o in options if o.has_attr("selected")] or options[:1]
            fields.append((name, chosen[0].get("value", chosen[0].text) if chosen else ""))
        else:
            fields.append((name, field.text if field.name == "textarea" else field.get("value", "")))
    return fields


def submit(session, page, form, answers, button=None):
    """Sends the form with these answers, following no redirect."""
    fields = [(name, answers.get(name, value)) for name, value in fields_of(form)]
    if button is not None and button.get("name"):
        fields.append((button["name"], button.get("value", "")))
    action = (button is not None and button.get("formaction")) or form.get("action") or page.url
    url = urljoin(page.url, action)
    if form.get("method", "get").lower() == "get":
        return session.get(url, params=fields, allow_redirects=False)
    return session.post(url, data=fields, allow_redirects=False)


def follow(session, answer, stop):
    """Follows redirects until there is a page, or until `stop(url)`."""
    while answer.is_redirect:
        url = urljoin(answer.url, answer.headers["Location"])
        if stop(url):
            return url, None
        answer = session.get(url, allow_redirects=False)
    answer.raise_for_status()
    return answer.url, answer


def authorize(url, login, password):
    """Opens an authorization URL, signs in, allows it; gives the code and the state."""
    session = requests.Session()
    redirect = parse_qs(urlparse(url).query).get("redirect_uri", [OUT_OF_BAND])[0]
    away = lambda to: redirect != OUT_OF_BAND and to.startswith(redirect)
    at, page = follow(session, session.get(url, allow_redirects=False), away)
    for _ in range(4):
        if page is None:
            answer = parse_qs(urlparse(at).query)
            if "code" not in answer:
                raise SystemExit(f"no code in {at}")
            return {"code": answer["code"][0], "state": answer.get("state", [None])[0]}
        html = BeautifulSoup(page.text, "html.parser")
        secret = html.find("input", attrs={"type": "password"})
        if secret is not None:
            form = secret.find_parent("form")
            name = form.find("input", attrs={"type": re.compile("email|text")})
            if name is None:  # a text field may leave its type out
                name = form.find("input", attrs={"type": None})
            answer = submit(session, page, form, {name["name"]: login, secret["name"]: password})
        elif (button := allow_button(html)) is not None:
            answer = submit(session, page, button.find_parent("form"), {}, button)
        elif (code := shown_code(html)) is not None:
            return {"code": code, "state": None}
        else:
            raise SystemExit(f"no way on from {page.url}: {html.get_text(' ', strip=True)[:500]}")
        at, page = follow(session, answer, away)
    raise SystemExit(f"still no code at {at}: {page.text[:500] if page else ''}")


def allow_button(html):
    for button in html.find_all(["button", "input"]):
        label = button.get_text(" ", strip=True) or button.get("value") or ""
        if re.match(r"let it in|allow|authori[sz]e", label, re.I) and button.find_parent("form"):
            return button
    return None


def shown_code(html):
    code = html.find(id="code")
    return code.get_text(strip=True) if code is not None else None


if __name__ == "__main__":
    import json
    import sys

    print(json.dumps(authorize(*sys.argv[1:])))
