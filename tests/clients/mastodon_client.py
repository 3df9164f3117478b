"""Mastodon.py on a string: reads one JSON command per line, writes one JSON answer per line."""

import base64
import json
import sys
import threading

from forms import OUT_OF_BAND, authorize
from mastodon import Mastodon, StreamListener

client = None
push_keys = None
heard = []
lock = threading.Lock()


class Listener(StreamListener):
    def on_any_event(self, name, data=None, for_stream=None):
        with lock:
            heard.append({"event": name, "data": data})


def sign_in(base_url, login, password):
    """The out-of-band code flow, as a console client does it."""
    global client
    scopes = ["read", "write", "follow", "push"]
    key, secret = Mastodon.create_app(
        "Mastodon.py story", scopes=scopes, redirect_uris=OUT_OF_BAND, api_base_url=base_url
    )
    client = Mastodon(client_id=key, client_secret=secret, api_base_url=base_url)
    url = client.auth_request_url(redirect_uris=OUT_OF_BAND, scopes=scopes, allow_http=True)
    code = authorize(url, login, password)["code"]
    token = client.log_in(
        code=code, redirect_uri=OUT_OF_BAND, scopes=scopes, allow_http=True
    )
    return {"token": token}


def call(name, args, kwargs):
    return getattr(client, name)(*args, **kwargs)


def listen(name, args):
    getattr(client, name)(*args, listener=Listener(), run_async=True, reconnect_async=True)
    return True


def subscribe(endpoint, wishes):
    """Asks for pushes, with keys that Mastodon.py makes."""
    global push_keys
    push_keys, public = client.push_subscription_generate_keys()
    return client.push_subscription_set(endpoint, public, **wishes)


def open_push(body, headers):
    return client.push_subscription_decrypt_push(
        base64.b64decode(body), push_keys, headers["encryption"], headers["crypto-key"]
    )


def run(command):
    match command["do"]:
        case "sign_in":
            return sign_in(command["base_url"], command["login"], command["password"])
        case "call":
            return call(command["name"], command.get("args", []), command.get("kwargs", {}))
        case "subscribe":
            return subscribe(command["endpoint"], command["wishes"])
        case "open_push":
            return open_push(command["body"], command["headers"])
        case "listen":
            return listen(command["name"], command.get("args", []))
        case "heard":
            with lock:
                return list(heard)
        case other:
            raise ValueError(f"what is {other}?")


for line in sys.stdin:
    try:
        answer = {"ok": run(json.loads(line))}
    except (Exception, SystemExit) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer, default=str), flush=True)
# Threads that listen would keep the process alive.
sys.stdout.flush()
import os

os._exit(0)
