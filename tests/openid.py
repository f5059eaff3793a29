"""A provider of OpenID Connect on loopback, small and strict: it refuses what a client must not get wrong."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from tests.ports import free_port

__all__ = ["Provider"]


class Provider:
    """Knows one client and whom it is told of; whoever knocks chooses by a click who to be. `log` holds what it did."""

    client, secret = "commentariat", "the client's secret"

    def __init__(self, redirect: str, people: dict[str, dict[str, Any]]) -> None:
        from joserfc.jwk import RSAKey

        self.address = f"http://127.0.0.1:{(port := free_port())}"
        self.log: list[str] = []
        self._port = port
        self._redirect = redirect
        self._people = people
        self._key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self._codes: dict[str, tuple[str, dict[str, str]]] = {}

    @contextmanager
    def running(self) -> Iterator["Provider"]:
        """Serve until the block ends."""
        server = uvicorn.Server(uvicorn.Config(self._app(), host="127.0.0.1", port=self._port, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        try:
            yield self
        finally:
            server.should_exit = True
            thread.join()

    def _app(self) -> FastAPI:
        app = FastAPI()
        app.get("/.well-known/openid-configuration")(self._configuration)
        app.get("/keys")(self._keys)
        app.get("/authorize", response_class=HTMLResponse)(self._ask_who)
        app.get("/chosen")(self._chosen)
        app.post("/token")(self._token)
        app.get("/end")(self._end)
        return app

    def _configuration(self) -> dict[str, Any]:
        at = self.address
        return {
            "issuer": at, "authorization_endpoint": f"{at}/authorize", "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys", "end_session_endpoint": f"{at}/end", "response_types_supported": ["code"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }  # fmt: skip

    def _keys(self) -> dict[str, Any]:
        return {"keys": [self._key.as_dict(private=False)]}

    def _ask_who(self, request: Request) -> str:
        asked = dict(request.query_params)
        wrong = asked.get("client_id") != self.client or asked.get("redirect_uri") != self._redirect
        if wrong or "openid" not in asked.get("scope", "") or asked.get("code_challenge_method") != "S256":
            raise HTTPException(400, f"refused: {asked}")
        links = "".join(
            f'<p><a href="/chosen?{escape(urlencode({**asked, "who": name}))}">{escape(name)}</a></p>'
            for name in self._people
        )
        return f"<h1>Who are you?</h1>{links}"

    def _chosen(self, request: Request) -> RedirectResponse:
        asked = dict(request.query_params)
        code = secrets.token_urlsafe(12)
        self._codes[code] = (asked["who"], asked)
        self.log.append(f"chosen {asked['who']}")
        return RedirectResponse(f"{self._redirect}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> dict[str, Any]:
        from joserfc import jwt

        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        who, asked = self._codes.pop(form.get("code", ""), ("", {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        proven = base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked.get("code_challenge")
        if not who or not proven or form.get("redirect_uri") != self._redirect or not self._is_client(request, form):
            self.log.append("refused")
            raise HTTPException(400, "refused")
        now = int(time.time())
        claims = {"iss": self.address, "aud": self.client, "sub": who, "iat": now, "exp": now + 600}
        claims |= {"nonce": asked["nonce"], **self._people[who]}
        self.log.append(f"token for {who}")
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self._key)
        return {"access_token": "unused", "token_type": "Bearer", "expires_in": 600, "id_token": token}

    def _is_client(self, request: Request, form: dict[str, str]) -> bool:
        given = request.headers.get("authorization", "").removeprefix("Basic ")
        told = base64.b64decode(given).decode() if given else f"{form.get('client_id')}:{form.get('client_secret')}"
        return told == f"{self.client}:{self.secret}"

    def _end(self, request: Request) -> RedirectResponse:
        self.log.append("ended")
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)
